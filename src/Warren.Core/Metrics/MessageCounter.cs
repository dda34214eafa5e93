namespace Warren.Core.Metrics;

/// <summary>What is counted of messages; the names are those of <c>message_stats</c> in RabbitMQ's HTTP API.</summary>
public enum MessageCounter
{
    /// <summary><c>publish</c>: published by a client; of a queue: routed into it.</summary>
    Publish,

    /// <summary><c>confirm</c>: confirmed to the publisher.</summary>
    Confirm,

    /// <summary><c>deliver</c>: handed to a consumer that acknowledges.</summary>
    Deliver,

    /// <summary><c>deliver_no_ack</c>: handed to a consumer that does not.</summary>
    DeliverNoAck,

    /// <summary><c>get</c>: taken by basic.get, to be acknowledged.</summary>
    Get,

    /// <summary><c>get_no_ack</c>: taken by basic.get for good.</summary>
    GetNoAck,

    /// <summary><c>get_empty</c>: basic.get that found nothing.</summary>
    GetEmpty,

    /// <summary><c>redeliver</c>: those of the deliveries that were not the first.</summary>
    Redeliver,

    /// <summary><c>ack</c>: acknowledged.</summary>
    Ack,

    /// <summary><c>return_unroutable</c>: mandatory and sent back.</summary>
    ReturnUnroutable,

    /// <summary><c>drop_unroutable</c>: went nowhere and nobody had asked to know.</summary>
    DropUnroutable,

    /// <summary><c>publish_in</c>: came to an exchange.</summary>
    PublishIn,

    /// <summary><c>publish_out</c>: went from an exchange to queues, one for each.</summary>
    PublishOut,
}
