namespace Warren.FaultTests.Clients;

/// <summary>The broker has neither answered nor ended the connection: what must never happen.</summary>
public sealed class SilenceException : Exception
{
    /// <summary>Says what was waited for.</summary>
    public SilenceException(string request, Exception inner)
        : base($"neither an answer nor the end of the connection: {request}", inner)
    {
    }
}
