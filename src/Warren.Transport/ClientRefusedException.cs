namespace Warren.Transport;

/// <summary>A client did not get as far as its protocol. The message is one line for the log.</summary>
public sealed class ClientRefusedException : Exception
{
    /// <param name="message">One line for the log.</param>
    public ClientRefusedException(string message)
        : base(message)
    {
    }

    /// <param name="message">One line for the log.</param>
    /// <param name="inner">What the system said.</param>
    public ClientRefusedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
