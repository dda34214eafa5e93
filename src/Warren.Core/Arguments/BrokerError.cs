namespace Warren.Core.Arguments;

/// <summary>The kind of a refusal; the values are AMQP 0-9-1's reply codes.</summary>
public enum BrokerErrorKind : ushort
{
    /// <summary>No permission.</summary>
    AccessRefused = 403,

    /// <summary>A missing entity.</summary>
    NotFound = 404,

    /// <summary>Another connection's exclusive entity.</summary>
    ResourceLocked = 405,

    /// <summary>A precondition failed.</summary>
    PreconditionFailed = 406,

    /// <summary>Something that makes no sense, such as an unknown exchange type.</summary>
    CommandInvalid = 503,

    /// <summary>A limit is reached.</summary>
    ResourceError = 506,

    /// <summary>Something the client may not do.</summary>
    NotAllowed = 530,

    /// <summary>Something the broker does not do.</summary>
    NotImplemented = 540,

    /// <summary>A fault of the broker.</summary>
    InternalError = 541,
}

/// <summary>The broker refuses what a client asked for. Each protocol turns it into its own reply, in one place.</summary>
public sealed class BrokerError : Exception
{
    /// <summary>A refusal with RabbitMQ's explanation, without the name of the code in front.</summary>
    public BrokerError(BrokerErrorKind kind, string text)
        : base(text) => Kind = kind;

    /// <summary>What kind of refusal.</summary>
    public BrokerErrorKind Kind { get; }

    /// <summary>The explanation.</summary>
    public string Text => Message;
}
