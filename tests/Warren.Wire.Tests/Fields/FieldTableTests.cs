using System.Buffers;
using System.Buffers.Binary;
using Warren.Buffers.Fields;

namespace Warren.Wire.Tests.Fields;

[Spec("AMQP091-4.2.5.5")]
public sealed class FieldTableTests
{
    // One field "k" of each type: name, type octet, value.
    public static TheoryData<string, FieldType, string> OneOfEachType => new()
    {
        { "01 6B 56", FieldType.Void, "Void" },
        { "01 6B 74 01", FieldType.Boolean, "1" },
        { "01 6B 74 00", FieldType.Boolean, "0" },
        { "01 6B 62 80", FieldType.Int8, "-128" },
        { "01 6B 42 80", FieldType.UInt8, "128" },
        { "01 6B 73 8000", FieldType.Int16, "-32768" },
        { "01 6B 75 8000", FieldType.UInt16, "32768" },
        { "01 6B 49 80000000", FieldType.Int32, "-2147483648" },
        { "01 6B 69 80000000", FieldType.UInt32, "2147483648" },
        { "01 6B 6C 8000000000000000", FieldType.Int64, "-9223372036854775808" },
        { "01 6B 54 0000000065000000", FieldType.Timestamp, "1694498816" },
        { "01 6B 66 3FC00000", FieldType.Float, "1.5" },
        { "01 6B 64 C000000000000000", FieldType.Double, "-2" },
        { "01 6B 44 02 FFFFFFFF", FieldType.Decimal, "-1e-2" },
        { "01 6B 53 00000002 C3A9", FieldType.LongString, "C3A9" },
        { "01 6B 78 00000003 00FF00", FieldType.Bytes, "00FF00" },
        { "01 6B 41 00000000", FieldType.Array, "[]" },
        { "01 6B 41 00000003 56 7401", FieldType.Array, "[Void,1]" },
        { "01 6B 46 00000000", FieldType.Table, "{}" },
        { "01 6B 46 00000004 0161 7401", FieldType.Table, "{a=1}" },
    };

    [Theory]
    [MemberData(nameof(OneOfEachType))]
    public void Every_type_is_read_and_written_back_to_the_same_bytes(string hex, FieldType type, string value)
    {
        byte[] encoded = Hex.Bytes(hex);

        FieldTable table = FieldTableReader.Read(encoded);

        KeyValuePair<string, FieldValue> field = Assert.Single(table.Fields);
        Assert.Equal("k", field.Key);
        Assert.Equal(type, field.Value.Type);
        Assert.Equal(value, Text(field.Value));
        Assert.Equal(encoded, FieldTableWriter.ToArray(table));
        Assert.Equal(encoded.Length, FieldTableWriter.SizeOf(table));
    }

    [Theory]
    [MemberData(nameof(OneOfEachType))]
    public void Every_proper_prefix_of_a_field_is_refused(string hex, FieldType type, string value)
    {
        byte[] encoded = Hex.Bytes(hex);
        Assert.NotNull(value);

        for (int length = 1; length < encoded.Length; length++)
        {
            Assert.Equal(FieldTableFault.Truncated, FieldTableReader.Check(encoded.AsSpan(0, length)));
            Assert.False(FieldTableReader.TryFind(encoded.AsSpan(0, length), "k"u8, out FieldValue found));
            Assert.NotEqual(type, found.Type);
        }
    }

    [Fact]
    public void Any_boolean_octet_but_zero_is_true()
    {
        FieldTable table = FieldTableReader.Read(Hex.Bytes("01 6B 74 02"));

        Assert.True(table.TryGet("k", out FieldValue value));
        Assert.Equal(FieldValue.Of(true), value);
    }

    [Fact]
    public void No_bytes_are_the_empty_table()
    {
        Assert.Equal(FieldTable.Empty, FieldTableReader.Read([]));
        Assert.Empty(FieldTableWriter.ToArray(FieldTable.Empty));
    }

    [Fact]
    public void Names_may_be_empty_and_255_bytes_long()
    {
        var table = new FieldTable();
        table.Add(string.Empty, FieldValue.Of(1));
        table.Add(new string('n', 255), FieldValue.Of(2));

        Assert.Equal(table, FieldTableReader.Read(FieldTableWriter.ToArray(table)));
    }

    [Fact]
    public void A_longer_name_is_cut_after_a_whole_character()
    {
        var table = new FieldTable();
        table.Add(new string('n', 254) + "é", FieldValue.Void);

        FieldTable written = FieldTableReader.Read(FieldTableWriter.ToArray(table));

        Assert.Equal(new string('n', 254), Assert.Single(written.Fields).Key);
    }

    [Fact]
    public void A_name_that_grows_when_it_is_decoded_can_still_be_written()
    {
        byte[] encoded = [255, .. Enumerable.Repeat((byte)0xFF, 255), (byte)'V'];

        byte[] again = FieldTableWriter.ToArray(FieldTableReader.Read(encoded));

        Assert.True(FieldTableReader.Validate(again));
        Assert.Equal(255, again[0]);
    }

    [Theory]
    [InlineData("L")]
    [InlineData("U")]
    [InlineData("\0")]
    [InlineData("\u007F")]
    public void Unknown_types_are_refused(string letter)
    {
        byte[] encoded = [1, (byte)'k', (byte)letter[0], 0, 0, 0, 0, 0, 0, 0, 0];

        Assert.Equal(FieldTableFault.UnknownType, FieldTableReader.Check(encoded));
        Assert.False(FieldTableReader.TryRead(encoded, out FieldTable? table, out FieldTableFault fault));
        Assert.Null(table);
        Assert.Equal(FieldTableFault.UnknownType, fault);
        Assert.Throws<FormatException>(() => FieldTableReader.Read(encoded));
    }

    [Theory]
    [InlineData("01 6B 53 FFFFFFFF")]
    [InlineData("01 6B 53 7FFFFFFF 00")]
    [InlineData("01 6B 41 80000000")]
    [InlineData("01 6B 46 FFFFFFFF 0161")]
    public void A_claimed_length_beyond_the_bytes_allocates_nothing(string hex)
    {
        byte[] encoded = Hex.Bytes(hex);
        _ = FieldTableReader.TryRead(encoded, out _, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();

        bool read = FieldTableReader.TryRead(encoded, out _, out FieldTableFault fault);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.False(read);
        Assert.Equal(FieldTableFault.Truncated, fault);
    }

    [Theory]
    [InlineData('F')]
    [InlineData('A')]
    public void Nesting_is_accepted_up_to_the_limit_and_refused_beyond_it(char container)
    {
        Assert.Equal(FieldTableFault.None, FieldTableReader.Check(Nested(container, FieldTableReader.MaxDepth - 1)));
        Assert.Equal(FieldTableFault.TooDeep, FieldTableReader.Check(Nested(container, FieldTableReader.MaxDepth)));
        Assert.Equal(FieldTableFault.TooDeep, FieldTableReader.Check(Nested(container, 10_000)));
    }

    [Fact]
    public void The_deepest_table_is_read_and_written_back()
    {
        byte[] encoded = Nested('F', FieldTableReader.MaxDepth - 1);

        Assert.Equal(encoded, FieldTableWriter.ToArray(FieldTableReader.Read(encoded)));
    }

    [Fact]
    public void A_field_is_found_among_others_without_decoding_them()
    {
        byte[] encoded = Hex.Bytes("01 61 53 00000001 78" + "01 62 46 00000003 016356" + "01 63 49 0000002A");
        _ = FieldTableReader.TryFind(encoded, "c"u8, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();

        bool found = FieldTableReader.TryFind(encoded, "c"u8, out FieldValue value);
        bool other = FieldTableReader.TryFind(encoded, "d"u8, out _);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(found);
        Assert.Equal(FieldValue.Of(42), value);
        Assert.False(other);
    }

    [Fact]
    public void Of_a_doubled_name_the_first_field_counts()
    {
        byte[] encoded = Hex.Bytes("01 61 62 01" + "01 61 62 02");

        Assert.True(FieldTableReader.TryFind(encoded, "a"u8, out FieldValue found));
        Assert.Equal(1, found.AsInteger());
        Assert.True(FieldTableReader.Read(encoded).TryGet("a", out FieldValue first));
        Assert.Equal(1, first.AsInteger());
    }

    [Fact]
    public void Tables_are_equal_by_what_counts_in_any_order()
    {
        FieldTable table = FieldTableReader.Read(Hex.Bytes("01 61 62 01" + "01 62 62 02"));

        Assert.Equal(table, FieldTableReader.Read(Hex.Bytes("01 62 62 02" + "01 61 62 01")));
        Assert.Equal(table, FieldTableReader.Read(Hex.Bytes("01 61 62 01" + "01 62 62 02" + "01 61 62 03")));
        Assert.NotEqual(table, FieldTableReader.Read(Hex.Bytes("01 61 62 01" + "01 62 62 03")));
        Assert.NotEqual(table, FieldTableReader.Read(Hex.Bytes("01 61 62 01" + "01 61 62 02")));
        Assert.NotEqual(table, FieldTableReader.Read(Hex.Bytes("01 61 62 01")));
        Assert.NotEqual(table, FieldTableReader.Read(Hex.Bytes("01 61 62 01" + "01 62 42 02")));
    }

    [Fact]
    public void A_table_with_a_doubled_name_equals_itself()
    {
        byte[] encoded = Hex.Bytes("01 61 62 01" + "01 61 62 02");

        Assert.Equal(FieldTableReader.Read(encoded), FieldTableReader.Read(encoded));
        Assert.Equal(
            FieldTableReader.Read(encoded).GetHashCode(),
            FieldTableReader.Read(encoded.AsSpan(0, 4)).GetHashCode());
    }

    [Fact]
    public void A_field_with_malformed_content_is_not_found()
    {
        Assert.False(FieldTableReader.TryFind(Hex.Bytes("01 61 46 00000001 05"), "a"u8, out _));
        Assert.False(FieldTableReader.TryFind(Hex.Bytes("01 61 41 00000001 4C"), "a"u8, out _));
    }

    [Fact]
    public void Walking_shows_names_types_and_raw_values()
    {
        byte[] encoded = Hex.Bytes("01 61 53 00000002 7879" + "00 75 0102");
        var seen = new List<string>();

        foreach (FieldView field in FieldTableReader.Enumerate(encoded))
        {
            seen.Add($"{Convert.ToHexString(field.Name)} {field.Type} {Convert.ToHexString(field.RawValue)}");
        }

        Assert.Equal(["61 LongString 7879", " UInt16 0102"], seen);
    }

    [Fact]
    public void Walking_stops_at_malformed_bytes_and_says_so()
    {
        FieldTableEnumerator walk = FieldTableReader.Enumerate(Hex.Bytes("01 61 56" + "01 62 4C"));

        Assert.True(walk.MoveNext());
        Assert.False(walk.MoveNext());
        Assert.True(walk.IsMalformed);
        Assert.False(walk.MoveNext());
    }

    [Fact]
    public void Skipping_measures_one_value_with_its_type_octet()
    {
        Assert.True(FieldTableReader.TrySkipValue(Hex.Bytes("53 00000002 7879 FF"), out int text));
        Assert.Equal(7, text);
        Assert.True(FieldTableReader.TrySkipValue(Hex.Bytes("44 02 00000001"), out int number));
        Assert.Equal(6, number);
        Assert.False(FieldTableReader.TrySkipValue([], out _));
        Assert.False(FieldTableReader.TrySkipValue(Hex.Bytes("4C 00"), out _));
    }

    [Fact]
    public void A_table_is_written_to_a_buffer_writer_and_behind_its_length()
    {
        var table = new FieldTable();
        table.Add("k", FieldValue.Of("v"));
        var buffer = new ArrayBufferWriter<byte>();
        byte[] prefixed = new byte[12];

        FieldTableWriter.Write(buffer, table);
        int length = FieldTableWriter.WriteWithLength(prefixed, table);

        Assert.Equal(Hex.Bytes("01 6B 53 00000001 76"), buffer.WrittenSpan.ToArray());
        Assert.Equal(12, length);
        Assert.Equal(Hex.Bytes("00000008 01 6B 53 00000001 76"), prefixed);
    }

    [Fact]
    public void Ten_thousand_random_tables_survive_the_way_through_their_bytes()
    {
        var random = new Random(20260731);

        for (int i = 0; i < 10_000; i++)
        {
            FieldTable table = RandomFields.Table(random, depth: 4);

            byte[] encoded = FieldTableWriter.ToArray(table);

            Assert.Equal(FieldTableWriter.SizeOf(table), encoded.Length);
            FieldTable again = FieldTableReader.Read(encoded);
            Assert.Equal(encoded, FieldTableWriter.ToArray(again));
            Assert.Equal(table, again);
        }
    }

    private static byte[] Nested(char container, int times)
    {
        byte[] inner = [];
        for (int i = 0; i < times; i++)
        {
            byte[] name = container == 'F' || i == times - 1 ? [0] : [];
            byte[] length = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, inner.Length);
            inner = [.. name, (byte)container, .. length, .. inner];
        }

        return inner;
    }

    private static string Text(in FieldValue value) => value.Type switch
    {
        FieldType.Void => "Void",
        FieldType.Float or FieldType.Double => $"{value.AsDouble()}",
        FieldType.Decimal => $"{value.DecimalUnscaled}e-{value.DecimalScale}",
        FieldType.LongString or FieldType.Bytes => Convert.ToHexString(value.AsBytes()),
        FieldType.Array => $"[{string.Join(',', value.AsArray().ToArray().Select(v => Text(v)))}]",
        FieldType.Table => $"{{{string.Join(',', value.AsTable().Fields.Select(f => $"{f.Key}={Text(f.Value)}"))}}}",
        _ => $"{value.AsInteger()}",
    };
}
