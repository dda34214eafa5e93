using System.Buffers.Binary;
using Warren.Wire.Amqp091;
using Warren.Wire.Tests.Amqp091;

namespace Warren.Fuzz.Targets;

/// <summary>The frame reader: any split of a stream gives the same frames and the same error.</summary>
internal sealed class FrameTarget : FuzzTarget
{
    private const int FrameMax = 4096;

    private readonly byte[] _pending = new byte[FuzzInput.MaxSize];

    public FrameTarget()
    {
        byte[] buffer = new byte[MethodWriter.MaxSize];
        List<byte[]> frames = [FrameWriter.Heartbeat.ToArray()];
        frames.AddRange(MethodCases.All.Select(c => buffer[..c.Write(buffer)]));
        frames.Add(buffer[..MethodWriter.WriteContentHeader(buffer, 7, 5, BasicProperties.None)]);
        frames.Add(buffer[..MethodWriter.WriteBody(buffer, 7, "hello"u8)]);
        Corpus = frames;
    }

    public override string Name => "frame";

    public override IReadOnlyList<byte[]> Corpus { get; }

    public override void MutateByGrammar(FuzzInput input, FuzzRandom random)
    {
        switch (random.Next(4))
        {
            case 0:
                input.Insert(0, random.Pick(Corpus));
                break;
            case 1:
                input.Insert(input.Length, random.Pick(Corpus));
                break;
            case 2 when input.Length >= FrameReader.HeaderSize:
                // A size around frame_max, and around what is there.
                int size = (random.Next(2) == 0 ? FrameMax : input.Length) - FrameReader.Overhead + random.Next(3) - 1;
                BinaryPrimitives.WriteInt32BigEndian(input.Bytes[3..], size);
                break;
            case 3 when input.Length >= FrameReader.HeaderSize:
                input.Bytes[0] = (byte)random.Next(10);
                break;
            default:
                break;
        }
    }

    public override void Run(ReadOnlySpan<byte> input, FuzzRandom random)
    {
        long mark = Allocated;
        var whole = new Transcript();
        int unread = Feed(input, ref whole);
        CheckAllocation(mark, input.Length);
        Accepted += whole.Error is null ? 1 : 0;

        var split = new Transcript();
        int splitUnread = FeedInPieces(input, ref split, random);
        FuzzFailure.ThrowUnless(whole.Same(split), $"whole: {whole}; in pieces: {split}");
        FuzzFailure.ThrowUnless(whole.Error is not null || unread == splitUnread, "the pieces left other bytes unread");

        var streamed = new Transcript();
        FeedStreamed(input, ref streamed, random);
        FuzzFailure.ThrowUnless(whole.SameBut(streamed), $"whole: {whole}; streamed: {streamed}");
    }

    private static int Feed(ReadOnlySpan<byte> input, ref Transcript transcript)
    {
        try
        {
            while (FrameReader.TryRead(ref input, FrameMax, out Frame frame))
            {
                transcript.Begin(frame.Type, frame.Channel);
                transcript.Add(frame.Payload);
            }
        }
        catch (ConnectionError error)
        {
            transcript.Error = error;
        }

        return input.Length;
    }

    // As a connection does it: what is left over is moved to the front and the next bytes are read behind it.
    private int FeedInPieces(ReadOnlySpan<byte> input, ref Transcript transcript, FuzzRandom random)
    {
        int pending = 0;
        int pieces = 1 + random.Next(64);
        while (!input.IsEmpty && transcript.Error is null)
        {
            int count = Math.Min(1 + random.Next(pieces), input.Length);
            input[..count].CopyTo(_pending.AsSpan(pending));
            input = input[count..];
            pending += count;
            int unread = Feed(_pending.AsSpan(0, pending), ref transcript);
            _pending.AsSpan(pending - unread, unread).CopyTo(_pending);
            pending = unread;
        }

        return pending;
    }

    // As a session takes bodies: the header first, then the payload bit by bit, then the end octet.
    private static void FeedStreamed(ReadOnlySpan<byte> input, ref Transcript transcript, FuzzRandom random)
    {
        try
        {
            while (FrameReader.TryReadHeader(input, FrameMax, out FrameHeader header)
                && input.Length >= FrameReader.Overhead + header.PayloadSize)
            {
                ReadOnlySpan<byte> payload = input.Slice(FrameReader.HeaderSize, header.PayloadSize);
                FrameReader.CheckEnd(input[FrameReader.HeaderSize + header.PayloadSize], header.Type, []);
                transcript.Begin(header.Type, header.Channel);
                while (!payload.IsEmpty)
                {
                    int count = 1 + random.Next(payload.Length);
                    transcript.Add(payload[..count]);
                    payload = payload[count..];
                }

                input = input[(FrameReader.Overhead + header.PayloadSize)..];
            }
        }
        catch (ConnectionError error)
        {
            transcript.Error = error;
        }
    }

    // What came out of a stream, without keeping it.
    private struct Transcript
    {
        private int _frames;
        private ulong _hash;

        public ConnectionError? Error { get; set; }

        public void Begin(FrameType type, ushort channel)
        {
            _frames++;
            Mix((byte)type);
            Mix(channel);
        }

        public void Add(ReadOnlySpan<byte> payload)
        {
            foreach (byte octet in payload)
            {
                Mix(octet);
            }
        }

        public readonly bool Same(in Transcript other) =>
            SameBut(other) && string.Equals(Error?.WireText, other.Error?.WireText, StringComparison.Ordinal);

        // The same but for the octets an error shows.
        public readonly bool SameBut(in Transcript other) =>
            _frames == other._frames && _hash == other._hash && Error?.Code == other.Error?.Code;

        public override readonly string ToString() => $"{_frames} frames, {_hash:X}, {Error?.WireText}";

        private void Mix(uint value) => _hash = (_hash ^ value) * 0x100000001B3;
    }
}
