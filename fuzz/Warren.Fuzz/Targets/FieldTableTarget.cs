using System.Buffers.Binary;
using Warren.Buffers.Fields;
using Warren.Wire.Tests.Fields;

namespace Warren.Fuzz.Targets;

/// <summary>The field table reader against a second, plain reader, and against its own writer.</summary>
internal sealed class FieldTableTarget : FuzzTarget
{
    // An array of voids: one byte on the wire, 24 in memory. Nothing costs more per byte.
    private const int DecodedFactor = 32;

    private static readonly FieldType[] Types = Enum.GetValues<FieldType>();

    public FieldTableTarget()
    {
        var random = new Random(1);
        Corpus =
        [
            [],
            .. Enumerable.Range(0, 500).Select(i => FieldTableWriter.ToArray(RandomFields.Table(random, i % 5))),
        ];
    }

    public override string Name => "field-table";

    public override IReadOnlyList<byte[]> Corpus { get; }

    public override void MutateByGrammar(FuzzInput input, FuzzRandom random)
    {
        switch (random.Next(5))
        {
            case 0:
                input.Insert(0, random.Pick(Corpus));
                break;
            case 1:
                Wrap(input, "\u0001t"u8, FieldType.Table, 1 + random.Next(70));
                break;
            case 2:
                Wrap(input, [], FieldType.Array, 1 + random.Next(70));
                Wrap(input, "\u0001a"u8, FieldType.Array, 1);
                break;
            case 3 when input.Length > 0:
                input.Bytes[random.Next(input.Length)] = (byte)random.Pick(Types);
                break;
            default:
                input.Insert(input.Length, [1, (byte)'v', (byte)'V', 1, (byte)'t', (byte)'t', (byte)random.Next(4)]);
                break;
        }
    }

    public override void Run(ReadOnlySpan<byte> input, FuzzRandom random)
    {
        long mark = Allocated;
        FieldTableFault fault = FieldTableReader.Check(input);
        bool flat = WalksFlat(input);
        FuzzFailure.ThrowUnless(Allocated == mark, "checking and walking allocated");
        FuzzFailure.ThrowUnless(flat || fault != FieldTableFault.None, "valid, but the walk stopped");

        bool valid = PlainTableReader.IsValid(input, out bool canonical);
        FuzzFailure.ThrowUnless(
            valid == (fault == FieldTableFault.None), $"{fault}, but the plain reader says {valid}");

        mark = Allocated;
        bool found = FieldTableReader.TryFind(input, "t"u8, out FieldValue value);
        CheckAllocation(mark, input.Length, DecodedFactor);

        mark = Allocated;
        bool read = FieldTableReader.TryRead(input, out FieldTable? table, out FieldTableFault readFault);
        CheckAllocation(mark, input.Length, DecodedFactor);
        FuzzFailure.ThrowUnless(read == valid && readFault == fault, "check and read disagree");
        if (table is null)
        {
            return;
        }

        Accepted++;
        FuzzFailure.ThrowUnless(
            found == table.TryGet("t", out FieldValue expected) && (!found || value == expected),
            "found another value than the table has");
        byte[] encoded = FieldTableWriter.ToArray(table);
        FuzzFailure.ThrowUnless(!canonical || input.SequenceEqual(encoded), "written back to other bytes");
        byte[] again = FieldTableWriter.ToArray(FieldTableReader.Read(encoded));
        FuzzFailure.ThrowUnless(encoded.AsSpan().SequenceEqual(again), "the second round changed the bytes");
    }

    private static bool WalksFlat(ReadOnlySpan<byte> table)
    {
        FieldTableEnumerator walk = FieldTableReader.Enumerate(table);
        while (walk.MoveNext())
        {
            _ = walk.Current.RawValue.Length;
        }

        return !walk.IsMalformed;
    }

    // Puts everything into one field, or one array item, again and again.
    private static void Wrap(FuzzInput input, ReadOnlySpan<byte> name, FieldType container, int times)
    {
        Span<byte> head = stackalloc byte[8];
        name.CopyTo(head);
        head[name.Length] = (byte)container;
        for (int i = 0; i < times; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(head[(name.Length + 1)..], input.Length);
            input.Insert(0, head[..(name.Length + 5)]);
        }
    }
}
