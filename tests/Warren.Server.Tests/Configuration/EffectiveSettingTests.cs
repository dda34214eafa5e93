using System.Collections;
using Warren.Server.Configuration;
using Xunit;

namespace Warren.Server.Tests.Configuration;

public sealed class EffectiveSettingTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Each_value_is_shown_with_where_it_came_from()
    {
        string file = _directory["warren.conf"];
        File.WriteAllText(file, "heartbeat = 30\nlisteners.tcp.local = 127.0.0.1:5673\nloopback_users = none\nlog.connection.level = error\n");
        var sources = new ConfigurationSources
        {
            File = file,
            Variables = new Hashtable { ["WARREN_CHANNEL_MAX"] = "100", ["RABBITMQ_DEFAULT_PASS"] = "s3cret" },
            Assignments = ["frame_max=8192"],
            DataDirectory = "/srv/warren",
        };

        (IReadOnlyList<EffectiveSetting> settings, _) = ConfigurationLoader.Describe(sources);

        Assert.Equal($"30 from {file}:1", Of(settings, "heartbeat"));
        Assert.Equal($"127.0.0.1:5673 from {file}:2", Of(settings, "listeners.tcp.local"));
        Assert.Equal($"none from {file}:3", Of(settings, "loopback_users"));
        Assert.Equal($"error from {file}:4", Of(settings, "log.connection.level"));
        Assert.Equal("100 from WARREN_CHANNEL_MAX", Of(settings, "channel_max"));
        Assert.Equal("******** from RABBITMQ_DEFAULT_PASS", Of(settings, "default_pass"));
        Assert.Equal("8192 from --set", Of(settings, "frame_max"));
        Assert.Equal("/srv/warren from --data-dir", Of(settings, "warren.data_dir"));
        Assert.Equal("none from default", Of(settings, "listeners.ssl"));
        Assert.Equal("info from default", Of(settings, "log.level"));
        Assert.DoesNotContain(settings, s => s.Key == "listeners.tcp.1");
    }

    [Fact]
    public void What_is_shown_can_be_read_again()
    {
        IReadOnlyList<EffectiveSetting> settings = new OptionTable(new WarrenServerOptions()).Describe();
        var again = new WarrenServerOptions();

        IReadOnlyList<string> warnings = new OptionTable(again).Apply(
            settings.Where(s => s.Value is not null).Select(s => new ConfigSetting(s.Key, s.Value!, "t")));

        Assert.Empty(warnings);
        Assert.Empty(SettingChange.Between(new WarrenServerOptions(), again));
    }

    [Fact]
    public void Changes_are_named_with_whether_they_need_a_restart()
    {
        var before = new WarrenServerOptions();
        var after = new WarrenServerOptions();
        new OptionTable(after).Apply(
        [
            new ConfigSetting("log.level", "debug", "t"),
            new ConfigSetting("listeners.tcp.1", "5999", "t"),
            new ConfigSetting("default_pass", "s3cret", "t"),
        ]);

        IReadOnlyList<SettingChange> changes = SettingChange.Between(before, after);

        Assert.Equal(
            [
                new SettingChange("default_pass", "********", "********", Reloads: false),
                new SettingChange("listeners.tcp.1", "5672", "5999", Reloads: false),
                new SettingChange("log.level", "info", "debug", Reloads: true),
            ],
            changes);
    }

    [Fact]
    public void Check_says_everything_that_is_wrong()
    {
        string file = _directory["bad.conf"];
        File.WriteAllText(file, "heartbeet = 1\nframe_max = many\nnum_acceptors.tcp = 3\ndefault_user = a\n");

        (IReadOnlyList<string> errors, IReadOnlyList<string> warnings) = ConfigurationLoader.Check(file, new Hashtable());

        Assert.Equal(2, errors.Count);
        Assert.StartsWith($"{file}:1: unknown key heartbeet, did you mean heartbeat?", errors[0], StringComparison.Ordinal);
        Assert.StartsWith($"{file}:2: frame_max = many: expected a size", errors[1], StringComparison.Ordinal);
        Assert.Single(warnings);
    }

    private static string Of(IReadOnlyList<EffectiveSetting> settings, string key)
    {
        EffectiveSetting setting = Assert.Single(settings, s => s.Key == key);
        return $"{setting.Shown} from {setting.Origin}";
    }
}
