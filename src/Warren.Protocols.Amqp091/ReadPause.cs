using Warren.Transport;

namespace Warren.Protocols.Amqp091;

/// <summary>Why a connection is not read.</summary>
[Flags]
internal enum PauseReason
{
    None = 0,

    /// <summary>A reply waits for the log.</summary>
    Commit = 1,

    /// <summary>A resource alarm is on and this is a publisher.</summary>
    Alarm = 2,

    /// <summary>The log cannot keep up.</summary>
    Backlog = 4,

    /// <summary>A queue's consumers cannot keep up and memory runs out: a moment's rest.</summary>
    Flow = 8,
}

/// <summary>Holds a connection's reading while any reason stands.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ReadPause(Connection connection)
{
    private readonly Lock _lock = new();
    private PauseReason _reasons;

    public bool IsPaused => _reasons != PauseReason.None;

    public bool Has(PauseReason reason) => (_reasons & reason) != 0;

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
