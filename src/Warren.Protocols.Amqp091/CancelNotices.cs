using Warren.Buffers;

namespace Warren.Protocols.Amqp091;

/// <summary>basic.cancel from the broker, which goes behind the queue.delete-ok that a client of the same connection waits for.</summary>
/// <remarks>Thread-safe by the output's lock. Clients take a cancel before the delete-ok for a failure of their request.</remarks>
internal sealed class CancelNotices(OutputBuffer output)
{
    private readonly List<byte[]> _held = [];
    private bool _isHolding;

    /// <summary>What comes from now on waits for <see cref="Release"/>.</summary>
    public void Hold()
    {
        lock (output.Lock)
        {
            _isHolding = true;
        }
    }

    /// <summary>Sends one, or keeps it. Under the output's lock.</summary>
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
        lock (output.Lock)
        {
            _isHolding = false;
            foreach (byte[] frame in _held)
            {
                output.Append(frame);
            }

            _held.Clear();
        }
    }
}
