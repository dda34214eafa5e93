using Warren.Buffers.Fields;
using Warren.Core.Events;
using Warren.Core.Messages;
using Xunit;

namespace Warren.Core.Tests.Events;

public sealed class TracePropertiesTests
{
    [Fact]
    public void Only_what_is_there_is_in_the_table()
    {
        var headers = new FieldTable();
        headers.Add("h", FieldValue.Of("v"));

        FieldTable table = TraceProperties.Of(new MessageProperties { ContentType = "text/plain", DeliveryMode = 2, Headers = headers });

        Assert.Equal(["content_type", "headers", "delivery_mode"], table.Fields.Select(f => f.Key));
        Assert.Equal(
            [FieldType.LongString, FieldType.Table, FieldType.Int32], table.Fields.Select(f => f.Value.Type));
    }

    [Fact]
    public void A_time_after_2038_is_not_cut()
    {
        FieldTable table = TraceProperties.Of(new MessageProperties { Timestamp = 4_000_000_000 });

        Assert.True(table.TryGet("timestamp", out FieldValue value));
        Assert.Equal(4_000_000_000, value.AsInteger());
    }
}
