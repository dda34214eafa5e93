namespace Warren.Transport;

/// <summary>A client did not get as far as its protocol. The message is one line for the log.</summary>
internal sealed class ClientRefusedException : Exception
{
    public ClientRefusedException(string message)
        : base(message)
    {
    }

    public ClientRefusedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
