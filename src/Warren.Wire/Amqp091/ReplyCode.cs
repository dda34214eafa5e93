namespace Warren.Wire.Amqp091;

/// <summary>Why a channel or connection is closed, or a message returned (AMQP 0-9-1 reference, "Constants").</summary>
public enum ReplyCode : ushort
{
    /// <summary>No error: a normal close.</summary>
    ReplySuccess = 200,

    /// <summary>Channel: the content is larger than the server takes.</summary>
    ContentTooLarge = 311,

    /// <summary>A mandatory message that no queue takes.</summary>
    NoRoute = 312,

    /// <summary>An immediate message without a consumer.</summary>
    NoConsumers = 313,

    /// <summary>Connection: an operator closed it.</summary>
    ConnectionForced = 320,

    /// <summary>Connection: an unknown virtual host.</summary>
    InvalidPath = 402,

    /// <summary>Channel: not permitted. Connection: the login failed.</summary>
    AccessRefused = 403,

    /// <summary>Channel: no such queue or exchange.</summary>
    NotFound = 404,

    /// <summary>Channel: another client has the queue for itself.</summary>
    ResourceLocked = 405,

    /// <summary>Channel: some precondition does not hold.</summary>
    PreconditionFailed = 406,

    /// <summary>Connection: a frame that cannot be decoded.</summary>
    FrameError = 501,

    /// <summary>Connection: a frame with illegal values.</summary>
    SyntaxError = 502,

    /// <summary>Connection: a method that is not valid here.</summary>
    CommandInvalid = 503,

    /// <summary>Connection: a channel that is not, or not any more, open.</summary>
    ChannelError = 504,

    /// <summary>Connection: a frame that was not expected here.</summary>
    UnexpectedFrame = 505,

    /// <summary>Connection: a limit of the server is reached.</summary>
    ResourceError = 506,

    /// <summary>Connection: what the client does is not allowed by configuration.</summary>
    NotAllowed = 530,

    /// <summary>Connection: something the server does not have.</summary>
    NotImplemented = 540,

    /// <summary>Connection: a fault of the server.</summary>
    InternalError = 541,
}
