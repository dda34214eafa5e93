using Warren.Wire.Amqp091;
using Warren.Wire.Tests.Amqp091;

namespace Warren.Fuzz.Targets;

/// <summary>The argument readers of all methods: what is read and written again reads the same.</summary>
internal sealed class MethodTarget : FuzzTarget
{
    private readonly byte[] _echo = new byte[(4 * FuzzInput.MaxSize) + MethodWriter.MaxSize];

    public MethodTarget()
    {
        byte[] buffer = new byte[MethodWriter.MaxSize];
        Corpus =
        [
            .. MethodCases.All.Select(c => buffer[FrameReader.HeaderSize..(c.Write(buffer) - 1)]),
        ];
    }

    public override string Name => "method";

    public override IReadOnlyList<byte[]> Corpus { get; }

    public override void MutateByGrammar(FuzzInput input, FuzzRandom random)
    {
        if (input.Length < Method.IdSize)
        {
            input.Set(random.Pick(Corpus));
            return;
        }

        int at = Method.IdSize + random.Next(input.Length - Method.IdSize);
        switch (random.Next(4))
        {
            case 0:
                // the arguments of one method behind the id of another
                random.Pick(Corpus).AsSpan(0, Method.IdSize).CopyTo(input.Bytes);
                break;
            case 1:
                input.Insert(at, "\u0003abc"u8);
                break;
            case 2:
                // the same, but not UTF-8
                input.Insert(at, [2, 0xC3, 0x28]);
                break;
            default:
                input.Insert(at, [0, 0, 0, 7, 1, (byte)'t', (byte)'I', 0, 0, 0, (byte)random.Next(256)]);
                break;
        }
    }

    public override void Run(ReadOnlySpan<byte> input, FuzzRandom random)
    {
        long mark = Allocated;
        try
        {
            MethodId method = Method.ReadId(input, out ReadOnlySpan<byte> arguments);
            string? text = MethodText.Of(method, arguments);
            CheckAllocation(mark, input.Length, factor: 32); // the text, not the reader
            FuzzFailure.ThrowUnless(text is not null == method.IsKnown(), "a known method without a reader");
            if (text is null)
            {
                return;
            }

            Accepted++;
            int length = MethodEcho.Write(_echo, method, arguments, out bool canonical);
            ReadOnlySpan<byte> frame = _echo.AsSpan(0, length);
            string again = ReadBack(frame, method);
            if (canonical)
            {
                FuzzFailure.ThrowUnless(
                    string.Equals(text, again, StringComparison.Ordinal), $"read '{text}', wrote '{again}'");
                CheckBytes(method, arguments, frame[(MethodWriter.EmptySize - 1)..^1]);
            }
        }
        catch (ConnectionError error)
        {
            CheckAllocation(mark, input.Length);
            FuzzFailure.ThrowUnless(
                error.Code is ReplyCode.FrameError or ReplyCode.SyntaxError, $"undeclared error {error.WireText}");
        }
    }

    // The writer leaves out what is reserved (the ticket, unused bits): it clears bits, and never sets one.
    private static void CheckBytes(MethodId method, ReadOnlySpan<byte> arguments, ReadOnlySpan<byte> echo)
    {
        if (method == MethodId.ConnectionOpen)
        {
            return; // a reserved string of any length
        }

        FuzzFailure.ThrowUnless(arguments.Length == echo.Length, "the arguments have another length than was read");
        for (int i = 0; i < echo.Length; i++)
        {
            FuzzFailure.ThrowUnless((echo[i] & ~arguments[i]) == 0, $"octet {i} was {arguments[i]}, is {echo[i]}");
        }
    }

    private static string ReadBack(ReadOnlySpan<byte> frame, MethodId expected)
    {
        FuzzFailure.ThrowUnless(FrameReader.TryRead(ref frame, int.MaxValue, out Frame read), "not a whole frame");
        FuzzFailure.ThrowUnless(frame.IsEmpty, "more than one frame");
        MethodId method = Method.ReadId(read.Payload, out ReadOnlySpan<byte> arguments);
        FuzzFailure.ThrowUnless(method == expected, $"{expected} was written as {method}");
        return MethodText.Of(method, arguments) ?? string.Empty;
    }
}
