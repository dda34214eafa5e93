using Warren.Buffers;
using Warren.Core.Alarms;
using Warren.Wire.Amqp091;

namespace Warren.Protocols.Amqp091;

/// <summary>Holds back a publisher while a resource alarm is on, and tells him (connection.blocked and unblocked).</summary>
/// <remarks>Thread-safe. An alarm concerns a connection from its next basic.publish on; who only consumes goes on.</remarks>
internal sealed class AlarmGate
{
    private readonly OutputBuffer _output;
    private readonly ReadPause _pause;
    private readonly ResourceAlarms _resources;
    private volatile AlarmKinds _alarms;
    private volatile bool _isBlocked; // changed under the output's lock

    public AlarmGate(OutputBuffer output, ReadPause pause, ResourceAlarms resources)
    {
        _resources = resources;
        _output = output;
        _pause = pause;
    }

    /// <summary>The client wants to be told: its capability connection.blocked.</summary>
    public bool TellsClient { get; set; }

    /// <summary>Whether the client is held back.</summary>
    public bool IsBlocked => _isBlocked;

    /// <summary>Whether an alarm is on that will hold the client back when it publishes.</summary>
    public bool IsArmed => _alarms != AlarmKinds.None;

    /// <summary>basic.publish has come: while an alarm is on, nothing more is read, not even the rest of this message.</summary>
    public void OnPublish()
    {
        if (_alarms != AlarmKinds.None)
        {
            Block();
        }
    }

    /// <summary>The alarms that are on have changed. Two changes may be told in the wrong order: what counts is what is on now.</summary>
    public void OnAlarm()
    {
        lock (_output.Lock)
        {
            AlarmKinds alarms = _resources.Current;
            _alarms = alarms;
            if (alarms != AlarmKinds.None || !_isBlocked)
            {
                return;
            }

            _isBlocked = false;
            if (TellsClient)
            {
                Span<byte> frame = _output.GetSpan(FrameSizes.Small);
                _output.Advance(MethodWriter.WriteEmpty(frame, 0, MethodId.ConnectionUnblocked));
            }

            _pause.Clear(PauseReason.Alarm);
        }

        _output.Flush();
    }

    private void Block()
    {
        lock (_output.Lock)
        {
            if (_alarms == AlarmKinds.None || _isBlocked)
            {
                return;
            }

            _isBlocked = true;
            _pause.Set(PauseReason.Alarm);
            if (TellsClient)
            {
                Span<byte> frame = _output.GetSpan(FrameSizes.Small);
                _output.Advance(MethodWriter.WriteConnectionBlocked(frame, ResourceAlarms.ReasonOf(_alarms)));
            }
        }

        _output.Flush();
    }
}
