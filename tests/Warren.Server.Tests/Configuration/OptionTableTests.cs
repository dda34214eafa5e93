using System.Net;
using Warren.Buffers.Options;
using Warren.Server.Configuration;
using Xunit;

namespace Warren.Server.Tests.Configuration;

public sealed class OptionTableTests
{
    private readonly SampleOptions _options = new();

    [Theory]
    [InlineData("65536", 65_536)]
    [InlineData("50MB", 50_000_000)]
    [InlineData("50MiB", 52_428_800)]
    [InlineData("2GiB", 2_147_483_648)]
    [InlineData("3k", 3_000)]
    [InlineData("1KiB", 1_024)]
    public void Sizes_count_in_thousands_or_with_an_i_in_1024(string text, long bytes)
    {
        Apply("sample.size", text);

        Assert.Equal(bytes, _options.Size);
    }

    [Theory]
    [InlineData("1500", 1_500)]
    [InlineData("1500ms", 1_500)]
    [InlineData("10s", 10_000)]
    [InlineData("30m", 1_800_000)]
    [InlineData("2h", 7_200_000)]
    public void Times_take_a_unit(string text, int milliseconds)
    {
        Apply("sample.wait", text);

        Assert.Equal(milliseconds, _options.Wait);
    }

    [Theory]
    [InlineData("sample.size", "5 MB", "a size in bytes")]
    [InlineData("sample.size", "-1", "a size in bytes")]
    [InlineData("sample.size", "MB", "a size in bytes")]
    [InlineData("sample.size", "99999999999999999999", "a size in bytes")]
    [InlineData("sample.wait", "soon", "a time in milliseconds")]
    [InlineData("sample.count", "0", "a whole number, from 1 to 10")]
    [InlineData("sample.count", "11", "a whole number, from 1 to 10")]
    [InlineData("sample.count", "1.5", "a whole number, from 1 to 10")]
    [InlineData("sample.on", "yes", "true or false")]
    [InlineData("sample.addresses.a", "localhost", "a port or an address with a port")]
    [InlineData("sample.addresses.a", "70000", "a port or an address with a port")]
    [InlineData("sample.addresses", "5672", "none, or a key of the form sample.addresses.$name")]
    public void Bad_value_is_named_with_key_place_and_form(string key, string text, string expected)
    {
        var error = Assert.Throws<ConfigurationError>(() => Apply(key, text));

        Assert.StartsWith($"t.conf:7: {key} = {text}: expected {expected}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_key_is_refused_with_the_nearest_known_one()
    {
        var error = Assert.Throws<ConfigurationError>(() => Apply("sample.siez", "1"));

        Assert.Equal("t.conf:7: unknown key sample.siez, did you mean sample.size?", error.Message);
    }

    [Fact]
    public void Unknown_key_far_from_all_others_is_refused_without_a_guess()
    {
        var error = Assert.Throws<ConfigurationError>(() => Apply("quite.something.else", "1"));

        Assert.Equal("t.conf:7: unknown key quite.something.else", error.Message);
    }

    [Fact]
    public void Further_errors_are_counted()
    {
        var table = new OptionTable(_options);

        var error = Assert.Throws<ConfigurationError>(
            () => table.Apply([Setting("sample.on", "x"), Setting("sample.size", "x"), Setting("sample.wait", "x")]));

        Assert.EndsWith("(and 2 more)", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vm_memory_high_watermark_paging_ratio", "0.5")]
    [InlineData("num_acceptors.tcp", "10")]
    [InlineData("collect_statistics", "coarse")]
    [InlineData("mqtt.listeners.tcp.default", "1883")]
    public void Key_of_RabbitMQ_without_effect_is_a_warning(string key, string value)
    {
        string warning = Assert.Single(Apply(key, value));

        Assert.StartsWith($"t.conf:7: {key} has no effect", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Last_setting_of_a_key_wins()
    {
        new OptionTable(_options).Apply([Setting("sample.on", "true"), Setting("sample.on", "false")]);

        Assert.False(_options.On);
    }

    [Fact]
    public void Infinity_lifts_an_optional_limit()
    {
        Apply("sample.limit", "infinity");

        Assert.Null(_options.Limit);
    }

    [Theory]
    [InlineData("5673", "[::]:5673")]
    [InlineData("127.0.0.1:5672", "127.0.0.1:5672")]
    [InlineData("::1:5672", "[::1]:5672")]
    [InlineData("[::]:5672", "[::]:5672")]
    public void Address_forms_of_RabbitMQ_are_read(string text, string endPoint)
    {
        Apply("sample.addresses.local", text);

        Assert.Equal(IPEndPoint.Parse(endPoint), Assert.Single(_options.Addresses));
    }

    [Fact]
    public void Addresses_replace_the_default_and_are_ordered_by_name()
    {
        new OptionTable(_options).Apply([Setting("sample.addresses.2", "2000"), Setting("sample.addresses.1", "1000")]);

        Assert.Equal([1000, 2000], _options.Addresses.Select(a => a.Port));
    }

    [Fact]
    public void None_empties_a_list()
    {
        Apply("sample.addresses", "none");

        Assert.Empty(_options.Addresses);
    }

    [Fact]
    public void Names_are_switched_one_by_one()
    {
        new OptionTable(_options).Apply([Setting("sample.names.bob", "true"), Setting("sample.names.guest", "false")]);

        Assert.Equal(["bob"], _options.Names);
    }

    [Fact]
    public void Names_added_leave_the_default_in_force()
    {
        Apply("sample.names.bob", "true");

        Assert.Equal(["bob", "guest"], _options.Names);
    }

    [Fact]
    public void Records_inside_are_options_too()
    {
        Apply("sample.inner.text", "hello");

        Assert.Equal("hello", _options.Inner.Text);
    }

    [Fact]
    public void Older_name_sets_the_same_option()
    {
        Apply("sample.old_size", "12");

        Assert.Equal(12, _options.Size);
    }

    private static ConfigSetting Setting(string key, string value) => new(key, value, "t.conf:7");

    private IReadOnlyList<string> Apply(string key, string value) => new OptionTable(_options).Apply([Setting(key, value)]);

    public sealed record SampleOptions
    {
        [ConfigKey("sample.size", "sample.old_size", Unit = ConfigUnit.Bytes)]
        public long Size { get; init; }

        [ConfigKey("sample.wait", Unit = ConfigUnit.Milliseconds)]
        public int Wait { get; init; }

        [ConfigKey("sample.count", Min = 1, Max = 10)]
        public int Count { get; init; } = 5;

        [ConfigKey("sample.limit")]
        public int? Limit { get; init; } = 7;

        [ConfigKey("sample.on")]
        public bool On { get; init; }

        [ConfigKey("sample.addresses.$name")]
        public IReadOnlyList<IPEndPoint> Addresses { get; init; } = [new IPEndPoint(IPAddress.Any, 1)];

        [ConfigKey("sample.names.$name")]
        public IReadOnlyCollection<string> Names { get; init; } = ["guest"];

        public InnerOptions Inner { get; init; } = new();
    }

    public sealed record InnerOptions
    {
        [ConfigKey("sample.inner.text")]
        public string Text { get; init; } = "";
    }
}
