using Warren.Buffers.Fields;
using Warren.Wire.Amqp091;

namespace Warren.Fuzz.Targets;

/// <summary>The SASL responses PLAIN and AMQPLAIN: never an exception, nothing allocated.</summary>
internal sealed class SaslTarget : FuzzTarget
{
    public override string Name => "sasl";

    public override IReadOnlyList<byte[]> Corpus { get; } =
    [
        "\0guest\0guest"u8.ToArray(), "\0\0"u8.ToArray(), AmqPlain("LOGIN", "PASSWORD"), AmqPlain("PASSWORD", "LOGIN"),
    ];

    public override void MutateByGrammar(FuzzInput input, FuzzRandom random)
    {
        int at = random.Next(input.Length + 1);
        switch (random.Next(3))
        {
            case 0:
                input.Insert(at, [0]);
                break;
            case 1:
                input.Insert(0, "\u0005LOGINS\0\0\0\u0001x"u8);
                break;
            default:
                input.Insert(input.Length, "\u0008PASSWORDI\0\0\0\u0001"u8);
                break;
        }
    }

    public override void Run(ReadOnlySpan<byte> input, FuzzRandom random)
    {
        long mark = Allocated;
        bool plain = SaslPlain.TryRead(input, out ReadOnlySpan<byte> user, out ReadOnlySpan<byte> password);
        bool amqPlain = SaslAmqPlain.TryRead(input, out ReadOnlySpan<byte> login, out ReadOnlySpan<byte> secret);
        FuzzFailure.ThrowUnless(Allocated == mark, "reading allocated");
        if (plain)
        {
            Accepted++;
            FuzzFailure.ThrowUnless(
                input.SequenceEqual((byte[])[0, .. user, 0, .. password]), "user and password are not the response");
        }

        if (amqPlain)
        {
            Accepted++;
            FieldTable table = FieldTableReader.Read(input);
            FuzzFailure.ThrowUnless(
                table.TryGet("LOGIN", out FieldValue name) && name.AsBytes().SequenceEqual(login)
                && table.TryGet("PASSWORD", out FieldValue word) && word.AsBytes().SequenceEqual(secret),
                "the table has another login or password");
        }
    }

    private static byte[] AmqPlain(string first, string second)
    {
        var table = new FieldTable();
        table.Add(first, FieldValue.Of("guest"));
        table.Add(second, FieldValue.Of("guest"));
        return FieldTableWriter.ToArray(table);
    }
}
