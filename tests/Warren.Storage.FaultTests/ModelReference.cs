namespace Warren.Storage.FaultTests;

/// <summary>One reference to a record in the model of a log.</summary>
public sealed class ModelReference
{
    public HoldState State { get; set; }

    /// <summary>The record that gives it back, 0 when it rides along.</summary>
    public ulong ReturnedWith { get; set; }

    /// <summary>Which step gave it back, for the failure's text.</summary>
    public string How { get; set; } = string.Empty;

    public uint Annotation { get; set; }

    public bool AnnotationDurable { get; set; }
}
