namespace Warren.Buffers;

/// <summary>Something that may get more than it can pass on.</summary>
/// <remarks>Thread-safe.</remarks>
public interface ICongestible
{
    /// <summary>Whether who feeds it should pause; an estimate, asked without a lock.</summary>
    bool IsCongested { get; }
}
