namespace Warren.Cli.Ctl.Line;

/// <summary>RabbitMQ's programs a command belongs to.</summary>
[Flags]
internal enum CtlTools
{
    None = 0,

    /// <summary>rabbitmqctl.</summary>
    Ctl = 1,

    /// <summary>rabbitmq-diagnostics, rabbitmq-queues, rabbitmq-streams and rabbitmq-upgrade.</summary>
    Diagnostics = 2,

    /// <summary>rabbitmq-plugins.</summary>
    Plugins = 4,

    /// <summary><c>warren ctl</c>: every command of every program.</summary>
    All = Ctl | Diagnostics | Plugins,
}
