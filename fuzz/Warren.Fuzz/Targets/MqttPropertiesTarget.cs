using Warren.Wire.Mqtt;

namespace Warren.Fuzz.Targets;

/// <summary>The property reader against a second, plain reader, and against its own enumerator.</summary>
/// <remarks>The first byte of an input chooses the place.</remarks>
internal sealed class MqttPropertiesTarget : FuzzTarget
{
    private readonly byte[] _copy = new byte[FuzzInput.MaxSize];

    public MqttPropertiesTarget()
    {
        List<byte[]> corpus = [];
        for (int place = 0; place < PlainPropertyReader.Places.Length; place++)
        {
            corpus.Add([(byte)place]);
            for (int id = 1; id <= PropertyRules.MaxId; id++)
            {
                byte[] property = Example((PropertyId)id);
                if (property.Length > 0)
                {
                    corpus.Add([(byte)place, .. property]);
                }
            }
        }

        Corpus = corpus;
        _ = TopicName.Check("a"u8); // its static fields are not what reading allocates
    }

    public override string Name => "mqtt-properties";

    public override IReadOnlyList<byte[]> Corpus { get; }

    public override void MutateByGrammar(FuzzInput input, FuzzRandom random)
    {
        switch (random.Next(6))
        {
            case 0 when input.Length > 0:
                input.Bytes[0] = (byte)random.Next(PlainPropertyReader.Places.Length);
                break;
            case 1:
                for (int copies = random.Next(1200) - 600; copies > 0; copies--)
                {
                    input.Insert(input.Length, [(byte)PropertyId.UserProperty, 0, 0, 0, 0]);
                }

                break;
            case 2 when input.Length > 1:
                input.Bytes[1] = (byte)random.Next(PropertyRules.MaxId + 2);
                break;
            default:
                // One that is allowed here, as a rule.
                var place = (PropertyPlace)(1 << PlaceOf(input.Bytes));
                PropertyId id;
                do
                {
                    id = (PropertyId)(1 + random.Next(PropertyRules.MaxId));
                }
                while ((PropertyRules.PlacesOf(id) & place) == 0);
                input.Insert(input.Length, Example(id));
                break;
        }
    }

    public override void Run(ReadOnlySpan<byte> input, FuzzRandom random)
    {
        if (input.IsEmpty)
        {
            return;
        }

        int place = PlaceOf(input);
        ReadOnlySpan<byte> encoded = input[1..];
        ReasonCode expected = PlainPropertyReader.Read(encoded, PlainPropertyReader.Places[place]);
        ReasonCode reason = ReasonCode.Success;
        long mark = Allocated;
        try
        {
            Properties properties = Properties.Read(encoded, PacketType.Connect, (PropertyPlace)(1 << place));
            FuzzFailure.ThrowUnless(Allocated == mark, "reading allocated");
            CheckWalk(properties, random);
            FuzzFailure.ThrowUnless(Allocated == mark, "walking allocated");
            Accepted++;
        }
        catch (PacketError error)
        {
            CheckAllocation(mark, input.Length);
            reason = error.Code;
        }

        FuzzFailure.ThrowUnless(reason == expected, $"{reason}, but the plain reader says {expected}");
    }

    private void CheckWalk(Properties properties, FuzzRandom random)
    {
        var left = (PropertyId)(1 + random.Next(PropertyRules.MaxId));
        int length = 0;
        int kept = 0;
        bool found = false;
        foreach (Property property in properties)
        {
            property.Encoded.CopyTo(_copy.AsSpan(length));
            length += property.Encoded.Length;
            kept += property.Id == left ? 0 : property.Encoded.Length;
            found |= property.Id == left;
        }

        FuzzFailure.ThrowUnless(
            properties.Encoded.SequenceEqual(_copy.AsSpan(0, length)), "the walk leaves something out");
        FuzzFailure.ThrowUnless(
            properties.Has(left) == found && properties.TryGet(left, out _) == found, "found and not found");
        FuzzFailure.ThrowUnless(properties.CopyWithout(_copy, left) == kept, "the copy left out something else");
    }

    private static int PlaceOf(ReadOnlySpan<byte> input) =>
        input.IsEmpty ? 0 : input[0] % PlainPropertyReader.Places.Length;

    private static byte[] Example(PropertyId id) => PropertyRules.TypeOf(id) switch
    {
        PropertyType.Byte => [(byte)id, 1],
        PropertyType.TwoByteInteger => [(byte)id, 0, 10],
        PropertyType.FourByteInteger => [(byte)id, 0, 0, 0, 60],
        PropertyType.VariableByteInteger => [(byte)id, 0x81, 0x01],
        PropertyType.Text or PropertyType.Binary => [(byte)id, 0, 3, (byte)'a', (byte)'/', (byte)'b'],
        PropertyType.TextPair => [(byte)id, 0, 1, (byte)'k', 0, 1, (byte)'v'],
        _ => [],
    };
}
