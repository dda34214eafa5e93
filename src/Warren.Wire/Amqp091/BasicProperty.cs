namespace Warren.Wire.Amqp091;

/// <summary>The properties of class basic in the order of the property list; flag bit 15 is the first one.</summary>
public enum BasicProperty
{
    /// <summary>MIME type of the body; short string.</summary>
    ContentType = 0,

    /// <summary>MIME encoding of the body; short string.</summary>
    ContentEncoding = 1,

    /// <summary>Headers; field table.</summary>
    Headers = 2,

    /// <summary>1 transient, 2 persistent; octet.</summary>
    DeliveryMode = 3,

    /// <summary>Priority; octet.</summary>
    Priority = 4,

    /// <summary>What this message answers; short string.</summary>
    CorrelationId = 5,

    /// <summary>Where an answer goes; short string.</summary>
    ReplyTo = 6,

    /// <summary>Time to live, milliseconds in text; short string.</summary>
    Expiration = 7,

    /// <summary>The application's id of the message; short string.</summary>
    MessageId = 8,

    /// <summary>The application's time stamp, Unix time in seconds; 64 bit.</summary>
    Timestamp = 9,

    /// <summary>The application's type of the message; short string.</summary>
    Type = 10,

    /// <summary>The user who published; short string.</summary>
    UserId = 11,

    /// <summary>The application that published; short string.</summary>
    AppId = 12,

    /// <summary>Reserved; short string.</summary>
    ClusterId = 13,
}
