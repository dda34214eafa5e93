using Warren.Buffers;

namespace Warren.Protocols.Amqp091;

/// <summary>basic.cancel from the broker, which goes behind the queue.delete-ok that a client of the same connection waits for.</summary>
/// <remarks>Members are under the output's lock. Clients take a cancel before the delete-ok for a failure of their request.</remarks>
internal sealed class CancelNotices(OutputBuffer output)
{
    private readonly List<byte[]> _held = [];
    private bool _isHolding;

    /// <summary>What comes from now on waits for <see cref="Release"/>.</summary>
    public void Hold() => _isHolding = true;

    /// <summary>Sends one, or keeps it.</summary>
    public void Send(FrameWrite write)
    {
        if (_isHolding)
        {
            byte[] frame = new byte[FrameSizes.Small];
            int length = write(frame);
            _held.Add(frame[..length]);
            return;
        }

        output.Advance(write(output.GetSpan(FrameSizes.Small)));
    }

    /// <summary>Sends what was kept.</summary>
    public void Release()
    {
        _isHolding = false;
        foreach (byte[] frame in _held)
        {
            output.Append(frame);
        }

        _held.Clear();
    }
}
