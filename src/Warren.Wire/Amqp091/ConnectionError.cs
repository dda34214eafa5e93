namespace Warren.Wire.Amqp091;

/// <summary>A hard error: the connection is closed (AMQP 0-9-1 reference, "Constants").</summary>
public sealed class ConnectionError : Exception
{
    /// <summary>An error with its reply code and explanation, and the method that failed.</summary>
    public ConnectionError(ReplyCode code, string text, MethodId method = MethodId.None)
        : base(text)
    {
        Code = code;
        Method = method;
    }

    /// <summary>The reply code.</summary>
    public ReplyCode Code { get; }

    /// <summary>The method that failed; None for errors of frames.</summary>
    public MethodId Method { get; }

    /// <summary>The reply text as it goes out.</summary>
    public string WireText => Code.ToWireText(Message);
}
