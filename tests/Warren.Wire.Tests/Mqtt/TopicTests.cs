using System.Text;
using Warren.Wire.Mqtt;

namespace Warren.Wire.Tests.Mqtt;

[Spec("MQTT-4.7.1-1")]
[Spec("MQTT-4.7.1-2")]
[Spec("MQTT-4.7.3-1")]
public sealed class TopicTests
{
    [Theory]
    [InlineData("a", TopicFault.None)]
    [InlineData("a/b", TopicFault.None)]
    [InlineData("/", TopicFault.None)]
    [InlineData("", TopicFault.Empty)]
    [InlineData("a/+", TopicFault.Wildcard)]
    [InlineData("a#b", TopicFault.Wildcard)]
    [InlineData("a\0b", TopicFault.NotUtf8)]
    [InlineData("a\0b+", TopicFault.NotUtf8)]
    [Spec("MQTT-4.7.0-1")]
    [Spec("MQTT-4.7.3-2")]
    public void Names_have_characters_and_no_wildcards(string name, TopicFault fault)
    {
        Assert.Equal(fault, TopicName.Check(Encoding.UTF8.GetBytes(name)));
    }

    [Theory]
    [InlineData("#", TopicFault.None)]
    [InlineData("+", TopicFault.None)]
    [InlineData("/+/+/#", TopicFault.None)]
    [InlineData("a/+b", TopicFault.Wildcard)]
    [InlineData("a+/b", TopicFault.Wildcard)]
    [InlineData("#/", TopicFault.Wildcard)]
    [InlineData("+#", TopicFault.Wildcard)]
    [InlineData("", TopicFault.Empty)]
    [InlineData("$share/g", TopicFault.None)]
    public void Wildcards_in_filters_are_levels_of_their_own(string filter, TopicFault fault)
    {
        Assert.Equal(fault, TopicFilter.Check(Encoding.UTF8.GetBytes(filter)));
    }

    [Fact]
    [Spec("MQTT-4.7.3-3")]
    public void Names_and_filters_have_at_most_65535_bytes()
    {
        byte[] topic = [.. Enumerable.Repeat((byte)'a', 65_536)];

        Assert.Equal(TopicFault.TooLong, TopicName.Check(topic));
        Assert.Equal(TopicFault.TooLong, TopicFilter.Check(topic));
        Assert.Equal(TopicFault.None, TopicName.Check(topic.AsSpan(1)));
        Assert.Equal(TopicFault.None, TopicFilter.Check(topic.AsSpan(1)));
    }

    [Fact]
    public void Levels_are_bounded_by_the_caller()
    {
        Assert.Equal(3, TopicName.CountLevels("a//b"u8));
        Assert.Equal(TopicFault.None, TopicName.Check("a//b"u8, 3));
        Assert.Equal(TopicFault.TooManyLevels, TopicName.Check("a//b"u8, 2));
        Assert.Equal(TopicFault.TooManyLevels, TopicFilter.Check("a/+/#"u8, 2));
        Assert.Equal(TopicFault.None, TopicFilter.CheckShared("$share/g/a/b"u8, 2));
        Assert.Equal(TopicFault.TooManyLevels, TopicFilter.CheckShared("$share/g/a/b/c"u8, 2));
    }

    [Theory]
    [InlineData("$share/g/a/+", "g", "a/+")]
    [InlineData("$share/g//", "g", "/")]
    [InlineData("$share/$share/a", "$share", "a")]
    [Spec("MQTT-4.8.2-1")]
    public void A_shared_subscription_is_split_into_group_and_filter(string filter, string group, string inner)
    {
        Assert.True(TopicFilter.TrySplitShared(
            Encoding.UTF8.GetBytes(filter), out ReadOnlySpan<byte> g, out ReadOnlySpan<byte> i));

        Assert.Equal(group, Encoding.UTF8.GetString(g));
        Assert.Equal(inner, Encoding.UTF8.GetString(i));
        Assert.Equal(TopicFault.None, TopicFilter.CheckShared(Encoding.UTF8.GetBytes(filter)));
    }

    [Theory]
    [InlineData("$share/")]
    [InlineData("$share//a")]
    [InlineData("$share/g")]
    [InlineData("$share/g/")]
    [InlineData("$share/g+/a")]
    [InlineData("$share/#/a")]
    [Spec("MQTT-4.8.2-1")]
    [Spec("MQTT-4.8.2-2")]
    public void A_share_without_group_or_filter_is_refused(string filter)
    {
        Assert.Equal(TopicFault.Share, TopicFilter.CheckShared(Encoding.UTF8.GetBytes(filter)));
        Assert.False(TopicFilter.TrySplitShared(Encoding.UTF8.GetBytes(filter), out _, out _));
    }

    [Fact]
    [Spec("MQTT-1.5.4-1")]
    public void A_group_has_to_be_text()
    {
        Assert.Equal(TopicFault.NotUtf8, TopicFilter.CheckShared([.. "$share/"u8, 0xFF, .. "/a"u8]));
        Assert.Equal(TopicFault.NotUtf8, TopicName.Check([(byte)'+', 0xFF]));
    }

    [Theory]
    [InlineData("a/b", "a.b")]
    [InlineData("/a//b/", ".a..b.")]
    [InlineData("a.b/c", "a/b.c")]
    [InlineData("*", "*")]
    [InlineData("", "")]
    public void Topic_names_become_routing_keys_and_come_back(string name, string key)
    {
        byte[] there = new byte[name.Length];
        byte[] back = new byte[name.Length];

        TopicConversion.Swap(Encoding.UTF8.GetBytes(name), there);
        TopicConversion.Swap(there, back);

        Assert.Equal(key, Encoding.UTF8.GetString(there));
        Assert.Equal(name, Encoding.UTF8.GetString(back));
    }

    [Theory]
    [InlineData("a/+/b/#", "a.*.b.#")]
    [InlineData("+", "*")]
    [InlineData("/+", ".*")]
    [InlineData("a.b/+", "a/b.*")]
    public void Topic_filters_become_binding_keys(string filter, string key) =>
        Assert.Equal(key, Encoding.UTF8.GetString(TopicConversion.ToBindingKey(Encoding.UTF8.GetBytes(filter))));

    [Theory]
    [InlineData("cities.london", true)]
    [InlineData("a.*", true)]
    [InlineData("", false)]
    [InlineData("a.#", false)]
    [InlineData("a+b", false)]
    [InlineData("a\0b", false)]
    public void Routing_keys_with_wildcards_of_MQTT_are_no_topic_names(string key, bool isName) =>
        Assert.Equal(isName, TopicConversion.IsTopicName(Encoding.UTF8.GetBytes(key)));

    [Theory]
    [Spec("MQTT-4.7.1-1")]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/ranking", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true)]
    [InlineData("sport/#", "sport", true)]
    [InlineData("#", "a/b/c", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1/ranking", false)]
    [InlineData("sport/+", "sport", false)]
    [InlineData("sport/+", "sport/", true)]
    [InlineData("+/+", "/finance", true)]
    [InlineData("/+", "/finance", true)]
    [InlineData("+", "/finance", false)]
    [InlineData("+/monitor/Clients", "$SYS/monitor/Clients", false)]
    [InlineData("#", "$SYS/x", false)]
    [InlineData("$SYS/#", "$SYS/x", true)]
    [InlineData("ACCOUNTS", "Accounts", false)]
    [InlineData("/a", "a", false)]
    [InlineData("a/*/b", "a/x/b", false)]
    [InlineData("a.b/+", "a.b/c", true)]
    [InlineData("a/b", "a.b", false)]
    public void Filters_take_in_what_the_specification_says(string filter, string topic, bool matches)
    {
        byte[] left = new byte[filter.Length];
        byte[] right = new byte[topic.Length];
        TopicConversion.Swap(Encoding.UTF8.GetBytes(filter), left);
        TopicConversion.Swap(Encoding.UTF8.GetBytes(topic), right);

        Assert.Equal(matches, TopicConversion.Matches(left, right));
    }
}
