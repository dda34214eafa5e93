namespace Warren.Core.Arguments;

/// <summary>What is wrong, numbered as AMQP 0-9-1 replies are; each protocol answers it in its own way.</summary>
public enum BrokerErrorKind : ushort
{
    /// <summary>No permission, or the name is reserved.</summary>
    AccessRefused = 403,

    /// <summary>No such object.</summary>
    NotFound = 404,

    /// <summary>The queue belongs to another connection.</summary>
    ResourceLocked = 405,

    /// <summary>An argument or a property does not fit.</summary>
    PreconditionFailed = 406,

    /// <summary>The request makes no sense here.</summary>
    CommandInvalid = 503,

    /// <summary>A limit is reached.</summary>
    ResourceError = 506,

    /// <summary>Prohibited by the way the broker is set up.</summary>
    NotAllowed = 530,

    /// <summary>Known, but not built.</summary>
    NotImplemented = 540,

    /// <summary>A fault of the broker.</summary>
    InternalError = 541,
}

/// <summary>A request about definitions that is refused: declare, bind, consume, open and the like.</summary>
/// <remarks>
/// Never thrown per message. The text is what RabbitMQ's clients and tests match on, without the leading name of the
/// reply code, which only AMQP 0-9-1 writes.
/// </remarks>
public sealed class BrokerError : Exception
{
    /// <summary>An error of that kind.</summary>
    public BrokerError(BrokerErrorKind kind, string text)
        : base(text) => Kind = kind;

    /// <summary>What is wrong.</summary>
    public BrokerErrorKind Kind { get; }

    /// <summary>The explanation for the client.</summary>
    public string Text => Message;
}
