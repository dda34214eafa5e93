namespace Warren.Storage;

/// <summary>Receives every live record while a log is opened, in LSN order, on the opening thread.</summary>
public interface IRecoveryVisitor
{
    /// <summary>One live record. The view ends with the call.</summary>
    void OnRecord(in RecoveredRecord record);
}
