namespace Warren.FaultTests.Clients;

/// <summary>What a client was told.</summary>
public enum Answer
{
    /// <summary>Done: it has to hold.</summary>
    Yes,

    /// <summary>Not done, by a nack, a reason code, a close or a status.</summary>
    No,

    /// <summary>Nothing: the connection ended first.</summary>
    Lost,
}
