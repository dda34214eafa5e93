using System.Text;
using Warren.Wire.Mqtt;

namespace Warren.Fuzz.Targets;

/// <summary>The checks of topic names and filters against plain ones over strings, and the conversions both ways.</summary>
internal sealed class MqttTopicTarget : FuzzTarget
{
    private const string SharePrefix = "$share/";

    private static readonly byte[][] Pieces =
        [.. new[] { "/", "+", "#", "/+", "/#", "a", ".", "*", "$share/", "\0", "\u00e9", "\u20ac" }.Select(Encoding.UTF8.GetBytes)];

    private readonly byte[] _converted = new byte[FuzzInput.MaxSize];
    private readonly byte[] _back = new byte[FuzzInput.MaxSize];

    // What static fields of the readers allocate is not what checking allocates.
    public MqttTopicTarget() => CheckConversions("a"u8, "a");

    public override string Name => "mqtt-topic";

    public override IReadOnlyList<byte[]> Corpus { get; } =
        [.. new[] { "a", "a/b", "/", "a/+/b", "a/#", "#", "+", "$share/g/a/+", "$SYS/x", "a.b", "a.*.#", "\u00e9/\u20ac", "\U00010348" }
            .Select(Encoding.UTF8.GetBytes)];

    public override void MutateByGrammar(FuzzInput input, FuzzRandom random) =>
        input.Insert(random.Next(input.Length + 1), random.Pick(Pieces));

    public override void Run(ReadOnlySpan<byte> input, FuzzRandom random)
    {
        string? text = PlainPropertyReader.IsText(input.ToArray()) ? Encoding.UTF8.GetString(input) : null;
        int maxLevels = 1 + random.Next(5);
        long mark = Allocated;
        TopicFault name = TopicName.Check(input, maxLevels);
        TopicFault filter = TopicFilter.Check(input, maxLevels);
        TopicFault shared = TopicFilter.CheckShared(input, maxLevels);
        bool split = TopicFilter.TrySplitShared(input, out ReadOnlySpan<byte> group, out ReadOnlySpan<byte> inner);
        FuzzFailure.ThrowUnless(Allocated == mark, "checking allocated");
        Accepted += filter == TopicFault.None ? 1 : 0;

        Expect(name, ExpectName(text, input.IsEmpty, maxLevels), "name");
        Expect(filter, ExpectFilter(text, input.IsEmpty, maxLevels), "filter");
        if (text is null)
        {
            FuzzFailure.ThrowUnless(shared != TopicFault.None, "a shared subscription that is no text");
        }
        else
        {
            Expect(shared, ExpectShared(text, maxLevels, out string? expectedInner), "shared subscription");
            FuzzFailure.ThrowUnless(
                split == expectedInner is not null && (!split || Encoding.UTF8.GetString(inner) == expectedInner),
                "split in another way");
            FuzzFailure.ThrowUnless(!split || !group.IsEmpty, "an empty group");
        }

        CheckConversions(input, text);
    }

    private void CheckConversions(ReadOnlySpan<byte> input, string? text)
    {
        TopicConversion.Swap(input, _converted);
        Span<byte> key = _converted.AsSpan(0, input.Length);
        FuzzFailure.ThrowUnless(
            text is null || Encoding.UTF8.GetString(key) == string.Concat(text.Select(static c => c switch { '/' => '.', '.' => '/', _ => c })),
            "another routing key");
        FuzzFailure.ThrowUnless(
            TopicName.Check(input) != TopicFault.None || TopicConversion.IsTopicName(key), "a routing key of a name is no name");
        TopicConversion.Swap(key, _back);
        FuzzFailure.ThrowUnless(input.SequenceEqual(_back.AsSpan(0, input.Length)), "a topic does not come back");
        if (TopicName.Check(input) == TopicFault.None)
        {
            FuzzFailure.ThrowUnless(TopicConversion.Matches(key, key), "a topic does not take in itself");
            FuzzFailure.ThrowUnless(TopicConversion.Matches("#"u8, key) == (input[0] != (byte)'$'), "# and $");
        }
    }

    private static void Expect(TopicFault fault, TopicFault expected, string what) =>
        FuzzFailure.ThrowUnless(fault == expected, $"{what}: {fault}, but the plain check says {expected}");

    private static TopicFault ExpectName(string? text, bool empty, int maxLevels)
    {
        if (empty || text is null)
        {
            return empty ? TopicFault.Empty : TopicFault.NotUtf8;
        }

        return text.Contains('+') || text.Contains('#') ? TopicFault.Wildcard
            : text.Split('/').Length > maxLevels ? TopicFault.TooManyLevels
            : TopicFault.None;
    }

    private static TopicFault ExpectFilter(string? text, bool empty, int maxLevels)
    {
        if (empty || text is null)
        {
            return empty ? TopicFault.Empty : TopicFault.NotUtf8;
        }

        string[] levels = text.Split('/');
        for (int i = 0; i < levels.Length; i++)
        {
            bool plus = levels[i].Contains('+') && levels[i] != "+";
            bool hash = levels[i].Contains('#') && (levels[i] != "#" || i < levels.Length - 1);
            if (plus || hash)
            {
                return TopicFault.Wildcard;
            }
        }

        return levels.Length > maxLevels ? TopicFault.TooManyLevels : TopicFault.None;
    }

    private static TopicFault ExpectShared(string text, int maxLevels, out string? inner)
    {
        inner = null;
        if (!text.StartsWith(SharePrefix, StringComparison.Ordinal))
        {
            return ExpectFilter(text, text.Length == 0, maxLevels);
        }

        string[] parts = text.Split('/', 3);
        if (parts.Length < 3 || parts[1].Length == 0 || parts[2].Length == 0
            || parts[1].Contains('+') || parts[1].Contains('#'))
        {
            return TopicFault.Share;
        }

        inner = parts[2];
        return ExpectFilter(inner, empty: false, maxLevels);
    }
}
