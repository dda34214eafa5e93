namespace Warren.Wire.Mqtt;

/// <summary>The properties of a packet over their encoded form (MQTT 5.0, 2.2.2); empty before MQTT 5.0.</summary>
/// <remarks>
/// One pass checks them when the packet is read and notes which there are; nothing is decoded or allocated before it is
/// asked for. Looking one up is linear in the bytes before it: who needs several enumerates once.
/// </remarks>
public readonly ref struct Properties
{
    /// <summary>User properties allowed in one packet; more are refused with 0x97.</summary>
    public const int MaxUserProperties = 1024;

    private readonly ulong _present;

    private Properties(ReadOnlySpan<byte> encoded, ulong present)
    {
        Encoded = encoded;
        _present = present;
    }

    /// <summary>The properties as they came, without their length.</summary>
    public ReadOnlySpan<byte> Encoded { get; }

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => Encoded.IsEmpty;

    /// <summary>Reads properties of unknown origin.</summary>
    /// <param name="encoded">The properties without their length.</param>
    /// <param name="packet">The packet they belong to, for the error's text.</param>
    /// <param name="place">Decides which are allowed.</param>
    /// <exception cref="PacketError">
    /// 0x81: cut off, unknown, not allowed in this packet, or text that is not UTF-8. 0x82: twice, or out of range.
    /// 0x97: more than <see cref="MaxUserProperties"/>.
    /// </exception>
    public static Properties Read(ReadOnlySpan<byte> encoded, PacketType packet, PropertyPlace place)
    {
        ulong present = 0;
        int userProperties = 0;
        ReadOnlySpan<byte> rest = encoded;
        while (!rest.IsEmpty)
        {
            if (!Property.TryRead(ref rest, out Property property))
            {
                PacketError.ThrowMalformed(packet, $"property 0x{rest[0]:X2} is unknown or cut off");
            }

            Check(property, present, packet, place);
            present |= 1UL << (int)property.Id;
            if (property.Id == PropertyId.UserProperty && ++userProperties > MaxUserProperties)
            {
                PacketError.Throw(ReasonCode.QuotaExceeded, packet, $"more than {MaxUserProperties} user properties");
            }
        }

        const ulong Authentication =
            (1UL << (int)PropertyId.AuthenticationMethod) | (1UL << (int)PropertyId.AuthenticationData);
        if ((present & Authentication) == 1UL << (int)PropertyId.AuthenticationData)
        {
            PacketError.ThrowProtocol(packet, "authentication data without method");
        }

        return new Properties(encoded, present);
    }

    /// <summary>Properties that were checked when they came in, as they were stored.</summary>
    public static Properties OfChecked(ReadOnlySpan<byte> encoded)
    {
        ulong present = 0;
        ReadOnlySpan<byte> rest = encoded;
        while (Property.TryRead(ref rest, out Property property))
        {
            present |= 1UL << (int)property.Id;
        }

        return new Properties(encoded, present);
    }

    /// <summary>Whether the property is given at least once.</summary>
    public bool Has(PropertyId id) => (_present & (1UL << (int)id)) != 0;

    /// <summary>The first property of that identifier.</summary>
    public bool TryGet(PropertyId id, out Property property)
    {
        if (Has(id))
        {
            foreach (Property candidate in this)
            {
                if (candidate.Id == id)
                {
                    property = candidate;
                    return true;
                }
            }
        }

        property = default;
        return false;
    }

    /// <summary>The number of that identifier, or what its absence means.</summary>
    public uint Number(PropertyId id, uint absent) => TryGet(id, out Property property) ? property.Number : absent;

    /// <summary>The text or binary value of that identifier; empty when absent.</summary>
    public ReadOnlySpan<byte> Value(PropertyId id) => TryGet(id, out Property property) ? property.Value : [];

    /// <summary>Goes through them in the order in which they were sent.</summary>
    public PropertyEnumerator GetEnumerator() => new(Encoded);

    /// <summary>Copies them but for some: what the server sends anew with each delivery.</summary>
    /// <param name="destination">At least as long as <see cref="Encoded"/>.</param>
    /// <param name="first">Left out.</param>
    /// <param name="second">Left out too.</param>
    /// <param name="third">Left out too.</param>
    /// <returns>Bytes written.</returns>
    public int CopyWithout(
        Span<byte> destination,
        PropertyId first,
        PropertyId second = PropertyId.None,
        PropertyId third = PropertyId.None)
    {
        if (!Has(first) && !Has(second) && !Has(third))
        {
            Encoded.CopyTo(destination);
            return Encoded.Length;
        }

        int at = 0;
        foreach (Property property in this)
        {
            if (property.Id != first && property.Id != second && property.Id != third)
            {
                property.Encoded.CopyTo(destination[at..]);
                at += property.Encoded.Length;
            }
        }

        return at;
    }

    private static void Check(in Property property, ulong present, PacketType packet, PropertyPlace place)
    {
        PropertyId id = property.Id;
        if ((PropertyRules.PlacesOf(id) & place) == 0)
        {
            PacketError.ThrowMalformed(packet, $"{id} is not a property of {place}");
        }

        if (PropertyRules.IsFromWrongSide(id, place))
        {
            PacketError.ThrowProtocol(packet, $"{id} comes from the wrong side");
        }

        if ((present & (1UL << (int)id)) != 0 && !PropertyRules.MayRepeat(id, place))
        {
            PacketError.ThrowProtocol(packet, $"{id} twice");
        }

        if (!IsText(property))
        {
            PacketError.ThrowMalformed(packet, $"{id} is not well-formed UTF-8");
        }

        if (!PropertyRules.IsInRange(id, property.Number))
        {
            if (id == PropertyId.TopicAlias)
            {
                PacketError.Throw(ReasonCode.TopicAliasInvalid, packet, "topic alias 0"); // [MQTT-3.3.2-8]
            }

            PacketError.ThrowProtocol(packet, $"{id} {property.Number}");
        }

        if (id == PropertyId.ResponseTopic && TopicName.Check(property.Value) != TopicFault.None)
        {
            PacketError.ThrowProtocol(packet, "the response topic is no topic name");
        }
    }

    private static bool IsText(in Property property) => PropertyRules.TypeOf(property.Id) switch
    {
        PropertyType.Text => Utf8Text.IsWellFormed(property.Value),
        PropertyType.TextPair => Utf8Text.IsWellFormed(property.Name) && Utf8Text.IsWellFormed(property.Value),
        _ => true,
    };
}
