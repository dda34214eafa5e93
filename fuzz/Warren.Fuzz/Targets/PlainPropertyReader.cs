using System.Globalization;
using System.Text;
using Warren.Wire.Mqtt;

namespace Warren.Fuzz.Targets;

/// <summary>A second reader of MQTT properties, written for plainness: what the fast one has to agree with.</summary>
internal static class PlainPropertyReader
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    // identifier, type, places; from the table in MQTT 5.0, 2.2.2.2. Places: c CONNECT, w will, C CONNACK, p PUBLISH
    // from a client, P from a server, a acknowledgements, s SUBSCRIBE, u UNSUBSCRIBE, d DISCONNECT from a client,
    // D from a server, A AUTH. Types: b byte, 2 and 4 bytes, v variable, t text, x binary, u user property.
    private static readonly Dictionary<int, (char Type, string Places)> Table = Parse(
        """
        01 b wpP
        02 4 wpP
        03 t wpP
        08 t wpP
        09 x wpP
        0B v pPs
        11 4 cCdD
        12 t C
        13 2 C
        15 t cCA
        16 x cCA
        17 b c
        18 4 w
        19 b c
        1A t C
        1C t CdD
        1F t CadDA
        21 2 cC
        22 2 cC
        23 2 pP
        24 b C
        25 b C
        26 u cwCpPasudDA
        27 4 cC
        28 b C
        29 b C
        2A b C
        """);

    /// <summary>The letters of <see cref="PropertyPlace"/> in the order of its bits.</summary>
    public const string Places = "cwCpPasudDA";

    /// <returns>The reason code; success when the properties are accepted.</returns>
    public static ReasonCode Read(ReadOnlySpan<byte> input, char place)
    {
        var seen = new HashSet<int>();
        int at = 0;
        int users = 0;
        while (at < input.Length)
        {
            int id = input[at++];
            if (!Table.TryGetValue(id, out (char Type, string Places) rule))
            {
                return ReasonCode.MalformedPacket;
            }

            int start = at;
            long number = -1;
            List<byte[]> texts = [];
            switch (rule.Type)
            {
                case 'b' or '2' or '4':
                    int width = rule.Type == 'b' ? 1 : rule.Type - '0';
                    if (at + width > input.Length)
                    {
                        return ReasonCode.MalformedPacket;
                    }

                    number = 0;
                    for (; at < start + width; at++)
                    {
                        number = (number << 8) | input[at];
                    }

                    break;
                case 'v':
                    number = 0;
                    do
                    {
                        if (at == input.Length || at == start + 4)
                        {
                            return ReasonCode.MalformedPacket;
                        }

                        number |= (long)(input[at] & 0x7F) << (7 * (at - start));
                    }
                    while (input[at++] >= 0x80);
                    if (at - start > 1 && number < 1L << (7 * (at - start - 1)))
                    {
                        return ReasonCode.MalformedPacket;
                    }

                    break;
                default:
                    for (int i = 0; i < (rule.Type == 'u' ? 2 : 1); i++)
                    {
                        if (at + 2 > input.Length || at + 2 + ((input[at] << 8) | input[at + 1]) > input.Length)
                        {
                            return ReasonCode.MalformedPacket;
                        }

                        int length = (input[at] << 8) | input[at + 1];
                        texts.Add(input.Slice(at + 2, length).ToArray());
                        at += 2 + length;
                    }

                    break;
            }

            ReasonCode reason = Judge(id, rule, place, number, texts, seen.Add(id));
            if (reason != ReasonCode.Success)
            {
                return reason;
            }

            if (rule.Type == 'u' && ++users > 1024)
            {
                return ReasonCode.QuotaExceeded;
            }
        }

        return seen.Contains(0x16) && !seen.Contains(0x15) ? ReasonCode.ProtocolError : ReasonCode.Success;
    }

    private static ReasonCode Judge(
        int id, (char Type, string Places) rule, char place, long number, List<byte[]> texts, bool first)
    {
        if (!rule.Places.Contains(place))
        {
            return ReasonCode.MalformedPacket;
        }

        bool wrongSide = (id == 0x0B && place == 'p') || (id == 0x11 && place == 'D');
        bool repeated = !first && id != 0x26 && !(id == 0x0B && place == 'P');
        if (wrongSide || repeated)
        {
            return ReasonCode.ProtocolError;
        }

        if (rule.Type is 't' or 'u' && !texts.TrueForAll(IsText))
        {
            return ReasonCode.MalformedPacket;
        }

        bool outOfRange = (rule.Type == 'b' && number > 1) || (number == 0 && id is 0x21 or 0x23 or 0x27 or 0x0B && number == 0);
        bool noTopic = id == 0x08 && (texts[0].Length == 0 || texts[0].Any(b => b is (byte)'+' or (byte)'#'));
        if (outOfRange && id == 0x23)
        {
            return ReasonCode.TopicAliasInvalid;
        }

        return outOfRange || noTopic ? ReasonCode.ProtocolError : ReasonCode.Success;
    }

    /// <summary>Whether the bytes are UTF-8 without U+0000.</summary>
    public static bool IsText(byte[] bytes)
    {
        try
        {
            return !Strict.GetString(bytes).Contains('\0');
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static Dictionary<int, (char Type, string Places)> Parse(string table) =>
        table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Trim().Split(' ')).ToDictionary(
            c => int.Parse(c[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), c => (c[1][0], c[2]));
}
