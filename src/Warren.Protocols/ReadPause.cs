using Warren.Buffers;
using Warren.Transport;

namespace Warren.Protocols;

/// <summary>Why a connection is not read.</summary>
[Flags]
public enum PauseReason
{
    /// <summary>It is read.</summary>
    None = 0,

    /// <summary>A reply waits for the log.</summary>
    Commit = 1,

    /// <summary>A resource alarm is on and this is a publisher.</summary>
    Alarm = 2,

    /// <summary>The log cannot keep up.</summary>
    Backlog = 4,

    /// <summary>A queue's consumers cannot keep up and memory runs out: a moment's rest.</summary>
    Flow = 8,

    /// <summary>The client's credentials are looked at on another thread.</summary>
    Login = 16,

    /// <summary>The client asks for more than it reads.</summary>
    Output = 32,
}

/// <summary>Holds a connection's reading while any reason stands.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class ReadPause(Connection connection)
{
    private readonly Lock _lock = new();
    private PauseReason _reasons;

    /// <summary>Whether any reason stands.</summary>
    public bool IsPaused => _reasons != PauseReason.None;

    /// <summary>Whether this reason stands.</summary>
    public bool Has(PauseReason reason) => (_reasons & reason) != 0;

    /// <summary>Adds a reason.</summary>
    public void Set(PauseReason reason)
    {
        lock (_lock)
        {
            if (_reasons == PauseReason.None)
            {
                connection.PauseReading();
            }

            _reasons |= reason;
        }
    }

    /// <summary>Adds <see cref="PauseReason.Output"/> when the output is full; whoever hears that it has drained takes it away. Under the output's lock.</summary>
    public void SetWhileFull(OutputBuffer output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (output.IsFull && !output.IsClosed)
        {
            Set(PauseReason.Output);
        }
    }

    /// <summary>Takes a reason away; the connection is read again when it was the last.</summary>
    public void Clear(PauseReason reason)
    {
        lock (_lock)
        {
            PauseReason before = _reasons;
            _reasons &= ~reason;
            if (before != PauseReason.None && _reasons == PauseReason.None)
            {
                connection.ResumeReading();
            }
        }
    }
}
