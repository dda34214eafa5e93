using Warren.Wire.Mqtt;
using Warren.Wire.Tests.Mqtt;

namespace Warren.Fuzz.Targets;

/// <summary>
/// The packet reader and the views of all versions: any split of a stream gives the same packets and the same error,
/// views allocate nothing, and what is written from a view is read again as the same.
/// </summary>
/// <remarks>The first byte of an input chooses version and sender.</remarks>
internal sealed class MqttPacketTarget : FuzzTarget
{
    private const int MaxPacketSize = 4096;
    private const int EchoFactor = 64; // a filter of one byte becomes an array of its own in the echo

    private readonly byte[] _pending = new byte[FuzzInput.MaxSize];
    private readonly byte[] _echo = new byte[FuzzInput.MaxSize + PacketEcho.Room];
    private readonly byte[] _again = new byte[FuzzInput.MaxSize + (2 * PacketEcho.Room)];

    public MqttPacketTarget()
    {
        Corpus = [.. PacketTable.Rows.Select(r => (byte[])[(byte)((int)r.Version | ((int)r.Sender << 4)), .. r.Bytes])];
        _ = TopicName.Check("a"u8); // its static fields are not what reading allocates
    }

    public override string Name => "mqtt-packet";

    public override IReadOnlyList<byte[]> Corpus { get; }

    public override void MutateByGrammar(FuzzInput input, FuzzRandom random)
    {
        switch (random.Next(8))
        {
            case 0:
                input.Insert(input.Length, random.Pick(Corpus).AsSpan(1));
                break;
            case 1 when input.Length > 0:
                input.Bytes[0] = (byte)(random.Next(2) << 4 | random.Next(6));
                break;
            case 2 when input.Length > 1:
                input.Bytes[1] = (byte)((input.Bytes[1] & 0xF0) | random.Next(16));
                break;
            case 3 when input.Length > 1:
                input.Bytes[1] = (byte)((input.Bytes[1] & 0xF) | (random.Next(16) << 4));
                break;
            case 4 when input.Length > 3:
                // A property somewhere, often where one belongs.
                input.Insert(3 + random.Next(input.Length - 2), [0x26, 0, 1, (byte)'k', 0, 1, (byte)'v']);
                FixLength(input);
                break;
            default:
                FixLength(input);
                break;
        }
    }

    public override void Run(ReadOnlySpan<byte> input, FuzzRandom random)
    {
        if (input.IsEmpty)
        {
            return;
        }

        int choice = input[0];
        var version = (ProtocolVersion)((choice & 0xF) is 0 or 3 or 4 or 5 ? choice & 0xF : 5);
        PacketSender sender = (choice & 0x10) == 0 ? PacketSender.Client : PacketSender.Server;
        var stream = new Stream(version, sender, _echo, _again);
        ReadOnlySpan<byte> bytes = input[1..];
        long mark = Allocated;
        Stream whole = stream;
        int unread = whole.Feed(bytes);
        CheckAllocation(mark, input.Length, EchoFactor);
        Accepted += whole.Error == 0 ? 1 : 0;

        Stream split = stream;
        int splitUnread = FeedInPieces(bytes, ref split, random);
        FuzzFailure.ThrowUnless(whole.Same(split), $"whole: {whole}; in pieces: {split}");
        FuzzFailure.ThrowUnless(whole.Error != 0 || unread == splitUnread, "the pieces left other bytes unread");
        CheckHead(bytes, version, sender, random);
    }

    // The remaining length becomes what is there.
    private static void FixLength(FuzzInput input)
    {
        if (input.Length < 3)
        {
            return;
        }

        int size = 1;
        while (size < VariableByteInteger.MaxSize && 2 + size < input.Length && input.Bytes[1 + size] >= 0x80)
        {
            size++;
        }

        input.Delete(2, size);
        Span<byte> length = stackalloc byte[VariableByteInteger.MaxSize];
        input.Insert(2, length[..VariableByteInteger.Write(length, input.Length - 2)]);
    }

    private int FeedInPieces(ReadOnlySpan<byte> input, ref Stream stream, FuzzRandom random)
    {
        int pending = 0;
        int pieces = 1 + random.Next(64);
        while (!input.IsEmpty && stream.Error == 0)
        {
            int count = Math.Min(1 + random.Next(pieces), input.Length);
            input[..count].CopyTo(_pending.AsSpan(pending));
            input = input[count..];
            pending += count;
            int unread = stream.Feed(_pending.AsSpan(0, pending));
            _pending.AsSpan(pending - unread, unread).CopyTo(_pending);
            pending = unread;
        }

        return pending;
    }

    // A head read from part of a packet is the head read from all of it.
    private static void CheckHead(
        ReadOnlySpan<byte> input, ProtocolVersion version, PacketSender sender, FuzzRandom random)
    {
        try
        {
            if (!PacketReader.TryReadHeader(input, version, MaxPacketSize, out PacketHeader header)
                || header.Type != PacketType.Publish
                || input.Length < header.PacketSize)
            {
                return;
            }

            ReadOnlySpan<byte> body = input.Slice(header.Size, header.RemainingLength);
            Publish whole = Publish.Read(new Packet(header, body), version, sender);
            int head = header.RemainingLength - whole.PayloadLength;
            int part = random.Next(body.Length + 1);
            bool read = Publish.TryReadHead(body[..part], header, version, MaxPacketSize, out Publish cut, sender);
            FuzzFailure.ThrowUnless(read == (part >= head), "the head of a publish is read too early or too late");
            FuzzFailure.ThrowUnless(
                !read || (cut.Topic.SequenceEqual(whole.Topic) && cut.Payload.SequenceEqual(body[head..part])),
                "the head of a publish differs from that of the whole");
        }
        catch (PacketError)
        {
            // What has to be said about it was said when the stream was fed.
            return;
        }
    }

    // What came out of a stream, without keeping it.
    private struct Stream
    {
        private readonly ProtocolVersion _version;
        private readonly PacketSender _sender;
        private readonly byte[] _echo;
        private readonly byte[] _again;
        private int _packets;
        private ulong _hash;

        public Stream(ProtocolVersion version, PacketSender sender, byte[] echo, byte[] again)
        {
            _version = version;
            _sender = sender;
            _echo = echo;
            _again = again;
        }

        public ReasonCode Error { get; private set; }

        public int Feed(ReadOnlySpan<byte> input)
        {
            try
            {
                while (PacketReader.TryRead(ref input, _version, MaxPacketSize, out Packet packet))
                {
                    long mark = Allocated;
                    View(packet);
                    FuzzFailure.ThrowUnless(Allocated == mark, $"reading a {packet.Type} allocated");
                    ReadOnlySpan<byte> echo = _echo.AsSpan(0, PacketEcho.Write(packet, _version, _sender, _echo));
                    CheckEcho(packet.Type, echo);
                    _packets++;
                    foreach (byte octet in echo)
                    {
                        _hash = (_hash ^ octet) * 0x100000001B3;
                    }
                }
            }
            catch (PacketError error)
            {
                FuzzFailure.ThrowUnless(
                    error.Code is ReasonCode.MalformedPacket or ReasonCode.ProtocolError
                        or ReasonCode.UnsupportedProtocolVersion or ReasonCode.PacketTooLarge or ReasonCode.QuotaExceeded
                        or ReasonCode.TopicAliasInvalid,
                    $"refused with {error.Code}");
                Error = error.Code;
            }

            return input.Length;
        }

        public readonly bool Same(in Stream other) =>
            _packets == other._packets && _hash == other._hash && Error == other.Error;

        public override readonly string ToString() => $"{_packets} packets, {_hash:X}, {Error}";

        private readonly void View(Packet packet)
        {
            switch (packet.Type)
            {
                case PacketType.Connect:
                    _ = Connect.Read(packet.Body);
                    break;
                case PacketType.Publish:
                    _ = Publish.Read(packet, _version, _sender);
                    break;
                case PacketType.PubAck or PacketType.PubRec or PacketType.PubRel or PacketType.PubComp:
                    _ = Acknowledgement.Read(packet, _version);
                    break;
                case PacketType.Subscribe:
                    int filters = 0;
                    Subscribe subscribe = Subscribe.Read(packet, _version);
                    foreach (Subscription subscription in subscribe)
                    {
                        filters += subscription.Filter.IsEmpty ? 0 : 1;
                    }

                    FuzzFailure.ThrowUnless(filters == subscribe.Count, "other filters than counted");
                    break;
                case PacketType.Unsubscribe:
                    _ = Unsubscribe.Read(packet, _version);
                    break;
                default:
                    break;
            }
        }

        // Echoes are short forms: written again they stay as they are.
        private readonly void CheckEcho(PacketType type, ReadOnlySpan<byte> echo)
        {
            ReadOnlySpan<byte> rest = echo;
            bool whole = PacketReader.TryRead(ref rest, _version, PacketReader.MaxPacketSize, out Packet packet);
            FuzzFailure.ThrowUnless(whole && rest.IsEmpty && packet.Type == type, $"the echo of a {type} is none");
            ReadOnlySpan<byte> again = _again.AsSpan(0, PacketEcho.Write(packet, _version, _sender, _again));
            FuzzFailure.ThrowUnless(again.SequenceEqual(echo), $"the echo of a {type} has another echo");
        }
    }
}
