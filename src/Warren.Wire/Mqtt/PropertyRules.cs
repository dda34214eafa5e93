namespace Warren.Wire.Mqtt;

/// <summary>Of which type a property is, where it may stand and which numbers it may have (MQTT 5.0, 2.2.2.2).</summary>
public static class PropertyRules
{
    /// <summary>The highest identifier.</summary>
    public const int MaxId = (int)PropertyId.SharedSubscriptionAvailable;

    private const PropertyPlace Message = PropertyPlace.Publish | PropertyPlace.ServerPublish | PropertyPlace.Will;
    private const PropertyPlace Handshake = PropertyPlace.Connect | PropertyPlace.ConnAck;

    private const PropertyPlace Answers = PropertyPlace.ConnAck | PropertyPlace.Acknowledgement
        | PropertyPlace.Disconnect | PropertyPlace.ServerDisconnect | PropertyPlace.Auth;

    private const PropertyPlace Everywhere = (PropertyPlace)((1 << 11) - 1);

    /// <summary>How the value is written.</summary>
    public static PropertyType TypeOf(PropertyId id) => id switch
    {
        PropertyId.PayloadFormatIndicator or PropertyId.RequestProblemInformation
            or PropertyId.RequestResponseInformation or PropertyId.MaximumQoS or PropertyId.RetainAvailable
            or PropertyId.WildcardSubscriptionAvailable or PropertyId.SubscriptionIdentifierAvailable
            or PropertyId.SharedSubscriptionAvailable => PropertyType.Byte,
        PropertyId.ServerKeepAlive or PropertyId.ReceiveMaximum or PropertyId.TopicAliasMaximum
            or PropertyId.TopicAlias => PropertyType.TwoByteInteger,
        PropertyId.MessageExpiryInterval or PropertyId.SessionExpiryInterval or PropertyId.WillDelayInterval
            or PropertyId.MaximumPacketSize => PropertyType.FourByteInteger,
        PropertyId.SubscriptionIdentifier => PropertyType.VariableByteInteger,
        PropertyId.ContentType or PropertyId.ResponseTopic or PropertyId.AssignedClientIdentifier
            or PropertyId.AuthenticationMethod or PropertyId.ResponseInformation or PropertyId.ServerReference
            or PropertyId.ReasonString => PropertyType.Text,
        PropertyId.CorrelationData or PropertyId.AuthenticationData => PropertyType.Binary,
        PropertyId.UserProperty => PropertyType.TextPair,
        _ => PropertyType.Unknown,
    };

    /// <summary>Where the property may stand.</summary>
    public static PropertyPlace PlacesOf(PropertyId id) => id switch
    {
        PropertyId.PayloadFormatIndicator or PropertyId.MessageExpiryInterval or PropertyId.ContentType
            or PropertyId.ResponseTopic or PropertyId.CorrelationData => Message,
        PropertyId.SubscriptionIdentifier =>
            PropertyPlace.Publish | PropertyPlace.ServerPublish | PropertyPlace.Subscribe,
        PropertyId.SessionExpiryInterval => Handshake | PropertyPlace.Disconnect | PropertyPlace.ServerDisconnect,
        PropertyId.AuthenticationMethod or PropertyId.AuthenticationData => Handshake | PropertyPlace.Auth,
        PropertyId.RequestProblemInformation or PropertyId.RequestResponseInformation => PropertyPlace.Connect,
        PropertyId.WillDelayInterval => PropertyPlace.Will,
        PropertyId.ServerReference =>
            PropertyPlace.ConnAck | PropertyPlace.Disconnect | PropertyPlace.ServerDisconnect,
        PropertyId.ReasonString => Answers,
        PropertyId.ReceiveMaximum or PropertyId.TopicAliasMaximum or PropertyId.MaximumPacketSize => Handshake,
        PropertyId.TopicAlias => PropertyPlace.Publish | PropertyPlace.ServerPublish,
        PropertyId.UserProperty => Everywhere,
        PropertyId.AssignedClientIdentifier or PropertyId.ServerKeepAlive or PropertyId.ResponseInformation
            or PropertyId.MaximumQoS or PropertyId.RetainAvailable or PropertyId.WildcardSubscriptionAvailable
            or PropertyId.SubscriptionIdentifierAvailable or PropertyId.SharedSubscriptionAvailable =>
            PropertyPlace.ConnAck,
        _ => PropertyPlace.None,
    };

    /// <summary>Whether the property may be given more than once in that place.</summary>
    public static bool MayRepeat(PropertyId id, PropertyPlace place) =>
        id == PropertyId.UserProperty
        || (id == PropertyId.SubscriptionIdentifier && place == PropertyPlace.ServerPublish);

    /// <summary>Whether the property is allowed there by its identifier but not from that side.</summary>
    public static bool IsFromWrongSide(PropertyId id, PropertyPlace place) =>
        (id == PropertyId.SubscriptionIdentifier && place == PropertyPlace.Publish) // [MQTT-3.3.4-6]
        || (id == PropertyId.SessionExpiryInterval && place == PropertyPlace.ServerDisconnect); // [MQTT-3.14.2-2]

    /// <summary>Whether a number may be the value of the property.</summary>
    public static bool IsInRange(PropertyId id, uint number) => id switch
    {
        PropertyId.ReceiveMaximum or PropertyId.TopicAlias or PropertyId.MaximumPacketSize
            or PropertyId.SubscriptionIdentifier => number != 0,
        _ => number <= 1 || TypeOf(id) != PropertyType.Byte,
    };
}
