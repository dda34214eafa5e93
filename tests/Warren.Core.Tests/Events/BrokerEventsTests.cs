using System.Net;
using System.Text.Json;
using Warren.Buffers.Fields;
using Warren.Core.Events;
using Xunit;

namespace Warren.Core.Tests.Events;

public sealed class BrokerEventsTests
{
    [Theory]
    [InlineData("127.0.0.1", "{127,0,0,1}")]
    [InlineData("::1", "{0,0,0,0,0,0,0,1}")]
    [InlineData("2001:db8::ff", "{8193,3512,0,0,0,0,0,255}")]
    public void An_address_is_a_tuple_of_its_numbers(string address, string tuple) =>
        Assert.Equal(tuple, BrokerEvents.Of("host", IPAddress.Parse(address)).Value.AsText());

    [Fact]
    public void A_table_with_types_is_an_array_of_terms()
    {
        var arguments = new FieldTable();
        arguments.Add("x-max-length", FieldValue.Of(5));
        arguments.Add("x-overflow", FieldValue.Of("drop-head"));

        FieldValue value = BrokerEvents.Of("arguments", arguments).Value;

        Assert.Equal(
            ["{<<\"x-max-length\">>,signedint,5}", "{<<\"x-overflow\">>,longstr,<<\"drop-head\">>}"],
            value.AsArray().ToArray().Select(v => v.AsText()));
    }

    [Fact]
    public void A_name_that_fits_no_table_is_left_out()
    {
        using JsonDocument document = JsonDocument.Parse($$"""{"{{new string('a', 256)}}":1,"b":2}""");

        FieldTable table = BrokerEvents.Json(document.RootElement).AsTable();

        Assert.Equal("b", Assert.Single(table.Fields).Key);
    }

    [Theory]
    [InlineData("true", FieldType.Boolean)]
    [InlineData("5", FieldType.Int64)]
    [InlineData("0.5", FieldType.Float)]
    [InlineData("\"text\"", FieldType.LongString)]
    [InlineData("[1,2]", FieldType.Array)]
    [InlineData("{\"a\":1}", FieldType.Table)]
    public void A_JSON_value_keeps_its_type(string json, FieldType type)
    {
        using JsonDocument document = JsonDocument.Parse(json);

        Assert.Equal(type, BrokerEvents.Json(document.RootElement).Type);
    }
}
