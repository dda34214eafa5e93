namespace Warren.Cli.Ctl.Line;

/// <summary>RabbitMQ's programs a command belongs to.</summary>
[Flags]
internal enum CtlTools
{
    None = 0,

    /// <summary>rabbitmqctl.</summary>
    Ctl = 1,

    /// <summary>rabbitmq-diagnostics.</summary>
    Diagnostics = 2,

    /// <summary>rabbitmq-plugins.</summary>
    Plugins = 4,

    /// <summary>rabbitmq-queues.</summary>
    Queues = 8,

    /// <summary>rabbitmq-streams.</summary>
    Streams = 16,

    /// <summary>rabbitmq-upgrade.</summary>
    Upgrade = 32,

    /// <summary><c>warren ctl</c>: every command of every program.</summary>
    All = Ctl | Diagnostics | Plugins | Queues | Streams | Upgrade,
}
