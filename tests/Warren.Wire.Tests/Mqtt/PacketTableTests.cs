using Warren.Wire.Mqtt;

namespace Warren.Wire.Tests.Mqtt;

/// <summary>Every row of packets.txt: the normative statements about the form of packets.</summary>
[Spec("MQTT-2.1.3-1")]
[Spec("MQTT-3.1.4-1")]
[Spec("MQTT-4.13.1-1")]
public sealed class PacketTableTests
{
    public static IEnumerable<TheoryDataRow<int, string>> Rows()
    {
        for (int i = 0; i < PacketTable.Rows.Count; i++)
        {
            PacketRow row = PacketTable.Rows[i];
            var data = new TheoryDataRow<int, string>(i, $"{row.Statements} {row.Version} {row.Name}");
            data.Traits["spec"] = [.. row.Statements.Split(' ')];
            yield return data;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Packet_is_accepted_and_written_again_or_refused_as_the_table_says(int index, string name)
    {
        PacketRow row = PacketTable.Rows[index];

        string outcome = Feed(row.Bytes, row, out byte[] written);

        Assert.True(row.Outcome[..2] == outcome, $"{name}: {outcome} instead of {row.Outcome}");
        Assert.Equal(row.IsAccepted ? Convert.ToHexString(row.Rewritten) : string.Empty, Convert.ToHexString(written));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Accepted_packet_asks_for_more_as_long_as_it_is_cut_off(int index, string name)
    {
        PacketRow row = PacketTable.Rows[index];
        for (int length = 0; row.IsAccepted && length < row.Bytes.Length; length++)
        {
            Assert.True(Feed(row.Bytes[..length], row, out _) == "more", name);
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Publish_is_read_alike_before_its_payload_is_there(int index, string name)
    {
        PacketRow row = PacketTable.Rows[index];
        if (row.IsAccepted && row.Bytes[0] >> 4 == (int)PacketType.Publish)
        {
            Assert.True(PacketReader.TryReadHeader(row.Bytes, row.Version, 1000, out PacketHeader header));
            ReadOnlySpan<byte> body = row.Bytes.AsSpan(header.Size);
            Publish whole = Publish.Read(new Packet(header, body), row.Version, row.Sender);
            int head = header.RemainingLength - whole.PayloadLength;
            for (int length = 0; length <= body.Length; length++)
            {
                bool read = Publish.TryReadHead(
                    body[..length], header, row.Version, 1000, out Publish part, row.Sender);

                Assert.True((length >= head) == read, $"{name}: {length} bytes");
                if (read)
                {
                    Assert.Equal(whole.Topic, part.Topic);
                    Assert.Equal(whole.Properties.Encoded, part.Properties.Encoded);
                    Assert.Equal(whole.PayloadLength, part.PayloadLength);
                    Assert.Equal(body[head..length], part.Payload);
                }
            }
        }
    }

    [Fact]
    public void Table_has_rows_for_every_packet_type_and_version()
    {
        foreach (ProtocolVersion version in (ProtocolVersion[])[ProtocolVersion.Mqtt31, ProtocolVersion.Mqtt311, ProtocolVersion.Mqtt50])
        {
            int last = version == ProtocolVersion.Mqtt50 ? (int)PacketType.Auth : (int)PacketType.Disconnect;
            Assert.Equal(
                Enumerable.Range(1, last),
                PacketTable.Rows.Where(r => r.Version == version && r.IsAccepted).Select(r => r.Bytes[0] >> 4).Distinct().Order());
        }
    }

    private static string Feed(byte[] bytes, PacketRow row, out byte[] written)
    {
        written = [];
        try
        {
            ReadOnlySpan<byte> input = bytes;
            if (!PacketReader.TryRead(ref input, row.Version, 1000, out Packet packet))
            {
                Assert.Equal(bytes, input);
                return "more";
            }

            Assert.True(input.IsEmpty);
            byte[] buffer = new byte[bytes.Length + PacketEcho.Room];
            written = buffer[..PacketEcho.Write(packet, row.Version, row.Sender, buffer)];
            return "ok";
        }
        catch (PacketError error)
        {
            return ((byte)error.Code).ToString("X2");
        }
    }
}
