namespace Warren.Cli;

/// <summary>Which program somebody called: <c>warren</c>, or one of RabbitMQ's by a link of that name.</summary>
internal enum Personality
{
    /// <summary><c>warren</c> and its verbs.</summary>
    Warren,

    /// <summary><c>warren ctl</c>: every command.</summary>
    Everything,

    /// <summary>rabbitmqctl, rabbitmq-diagnostics and lavinmqctl.</summary>
    Ctl,

    /// <summary>rabbitmq-plugins.</summary>
    Plugins,

    /// <summary>rabbitmq-queues.</summary>
    Queues,

    /// <summary>rabbitmq-streams.</summary>
    Streams,

    /// <summary>rabbitmq-upgrade.</summary>
    Upgrade,

    /// <summary>rabbitmqadmin.</summary>
    Admin,
}
