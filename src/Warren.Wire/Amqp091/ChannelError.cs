namespace Warren.Wire.Amqp091;

/// <summary>A soft error: the channel is closed, the connection goes on (AMQP 0-9-1 reference, "Constants").</summary>
public sealed class ChannelError : Exception
{
    /// <summary>An error with its reply code and explanation, and the method that failed.</summary>
    public ChannelError(ReplyCode code, string text, MethodId method = MethodId.None)
        : base(text)
    {
        Code = code;
        Method = method;
    }

    /// <summary>The reply code.</summary>
    public ReplyCode Code { get; }

    /// <summary>The method that failed; None when the channel is to say which one it was at.</summary>
    public MethodId Method { get; }

    /// <summary>The reply text as it goes out.</summary>
    public string WireText => Code.ToWireText(Message);
}
