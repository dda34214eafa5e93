namespace Warren.Wire.Amqp091;

/// <summary>Why a channel or a connection is closed, or a message returned (AMQP 0-9-1 reference, "Constants").</summary>
public enum ReplyCode : ushort
{
    /// <summary>Normal close.</summary>
    Success = 200,

    /// <summary>The content is too large.</summary>
    ContentTooLarge = 311,

    /// <summary>A mandatory message was unroutable.</summary>
    NoRoute = 312,

    /// <summary>An immediate message found no consumer.</summary>
    NoConsumers = 313,

    /// <summary>An operator closed the connection.</summary>
    ConnectionForced = 320,

    /// <summary>An unknown virtual host.</summary>
    InvalidPath = 402,

    /// <summary>No permission.</summary>
    AccessRefused = 403,

    /// <summary>A missing entity.</summary>
    NotFound = 404,

    /// <summary>Another connection's exclusive entity.</summary>
    ResourceLocked = 405,

    /// <summary>A precondition failed.</summary>
    PreconditionFailed = 406,

    /// <summary>A malformed frame.</summary>
    FrameError = 501,

    /// <summary>An illegal value in a frame.</summary>
    SyntaxError = 502,

    /// <summary>An invalid sequence of frames.</summary>
    CommandInvalid = 503,

    /// <summary>A channel that was not opened.</summary>
    ChannelError = 504,

    /// <summary>A frame that was not expected.</summary>
    UnexpectedFrame = 505,

    /// <summary>Too few resources.</summary>
    ResourceError = 506,

    /// <summary>Something the client may not do.</summary>
    NotAllowed = 530,

    /// <summary>Something the server does not do.</summary>
    NotImplemented = 540,

    /// <summary>A fault of the server.</summary>
    InternalError = 541,
}

/// <summary>The names of reply codes as they stand in reply texts.</summary>
public static class ReplyCodeNames
{
    /// <summary>The name in capitals, such as NOT_FOUND.</summary>
    public static string ToWireName(this ReplyCode code) => code switch
    {
        ReplyCode.Success => "REPLY_SUCCESS",
        ReplyCode.ContentTooLarge => "CONTENT_TOO_LARGE",
        ReplyCode.NoRoute => "NO_ROUTE",
        ReplyCode.NoConsumers => "NO_CONSUMERS",
        ReplyCode.ConnectionForced => "CONNECTION_FORCED",
        ReplyCode.InvalidPath => "INVALID_PATH",
        ReplyCode.AccessRefused => "ACCESS_REFUSED",
        ReplyCode.NotFound => "NOT_FOUND",
        ReplyCode.ResourceLocked => "RESOURCE_LOCKED",
        ReplyCode.PreconditionFailed => "PRECONDITION_FAILED",
        ReplyCode.FrameError => "FRAME_ERROR",
        ReplyCode.SyntaxError => "SYNTAX_ERROR",
        ReplyCode.CommandInvalid => "COMMAND_INVALID",
        ReplyCode.ChannelError => "CHANNEL_ERROR",
        ReplyCode.UnexpectedFrame => "UNEXPECTED_FRAME",
        ReplyCode.ResourceError => "RESOURCE_ERROR",
        ReplyCode.NotAllowed => "NOT_ALLOWED",
        ReplyCode.NotImplemented => "NOT_IMPLEMENTED",
        _ => "INTERNAL_ERROR",
    };

    /// <summary>The reply text: name and explanation, cut to the 255 bytes of a short string at a character's border.</summary>
    public static string ToWireText(this ReplyCode code, string explanation)
    {
        string text = code == ReplyCode.InternalError ? "INTERNAL_ERROR" : $"{code.ToWireName()} - {explanation}";
        while (System.Text.Encoding.UTF8.GetByteCount(text) > byte.MaxValue)
        {
            text = text[..^(char.IsLowSurrogate(text[^1]) ? 2 : 1)];
        }

        return text;
    }
}
