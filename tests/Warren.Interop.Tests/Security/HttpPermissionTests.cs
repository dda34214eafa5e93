using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using static Warren.Interop.Tests.Security.MatrixBroker;

namespace Warren.Interop.Tests.Security;

/// <summary>Every method of every resource of the HTTP API for every role: reliability, 40, 47 and 48.</summary>
public sealed partial class HttpPermissionTests(MatrixBroker broker) : IClassFixture<MatrixBroker>
{
    public static TheoryData<string> Rows => [.. HttpTable.Rows.Select(r => r.Name)];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Request_is_answered_by_the_tag_and_the_rights_of_the_user(string name)
    {
        HttpRow row = HttpTable.Rows.Single(r => r.Name == name);
        foreach (Role role in Role.All.Where(r => row.RefusalOf(r) is not null))
        {
            (int status, string body) = await SendAsync(row, role.User, Role.Password);
            (int expected, string reason) = row.RefusalOf(role)!.Value;
            Assert.True((expected, reason) == (status, ReasonOf(body)), $"{name} by {role}: expected {expected} {reason}, got {status} {body}");
        }

        await broker.AssertUntouchedAsync($"{name}, refused,");
        foreach (Role role in Role.All.Where(r => !row.OnlyRefused && row.RefusalOf(r) is null))
        {
            (int status, string body) = await SendAsync(row, role.User, Role.Password);
            bool fits = row.Allowed == 0 ? status is 200 or 201 or 204 : row.Allowed == status;
            Assert.True(fits, $"{name} by {role}: got {status} {body}");
            AssertShowsOnlyWhatMayBeSeen(row, role, body);
            if (row.Method != "GET")
            {
                await broker.RestoreAsync();
            }
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Request_takes_every_one_of_its_rights(string name)
    {
        HttpRow row = HttpTable.Rows.Single(r => r.Name == name);
        foreach (Need need in row.Needs)
        {
            broker.AllowAllBut(need);
            (int status, string body) = await SendAsync(row, Picky, Role.Password);
            Assert.True((401, "Access refused.") == (status, ReasonOf(body)), $"{name} without {need}: got {status} {body}");
            await broker.AssertUntouchedAsync($"{name} without {need}");
        }

        broker.AllowAll();
    }

    [Fact]
    public async Task Without_a_login_nothing_is_told()
    {
        foreach (HttpRow row in HttpTable.Rows.Where(r => r.Guard != HttpGuard.Nobody))
        {
            (int status, string body) = await SendAsync(row, null, "");
            Assert.True((401, "") == (status, body), $"{row.Name}: {status} {body}");
        }

        await broker.AssertUntouchedAsync("not logging in");
    }

    // A list is not refused but cut: to virtual hosts the user may enter, and to the user's own connections.
    private static void AssertShowsOnlyWhatMayBeSeen(HttpRow row, Role role, string body)
    {
        if (role.IsMonitor || row.Method != "GET" || row.Guard is HttpGuard.Nobody or HttpGuard.Global || row.Path is "/cluster-name" or "/overview")
        {
            return;
        }

        string secret = role.MayEnter ? Someone : "zz";
        Assert.False(body.Contains(secret, StringComparison.Ordinal), $"{row.Name} shows {role} what is not its own: {body}");
    }

    private Task<(int Status, string Body)> SendAsync(HttpRow row, string? user, string password) =>
        broker.SendAsync(new HttpMethod(row.Method), PathOf(row), row.Body, user, password);

    private string PathOf(HttpRow row) => Parameter().Replace(row.Path, match =>
    {
        string parameter = match.Groups["name"].Value;
        string value = row.With.GetValueOrDefault(parameter) ?? parameter switch
        {
            "vhost" => VirtualHost,
            "user" => Doomed,
            "node" => broker.Node,
            "exchange" => Topic,
            "source" => Direct,
            "destination" => row.Path.Contains("/q/", StringComparison.Ordinal) ? Queue : Fanout,
            "props" => Key,
            "component" => "federation-upstream",
            "port" => broker.AmqpPort.ToString(CultureInfo.InvariantCulture),
            "protocol" => "amqp",
            "within" => "1",
            "unit" => "weeks",
            "pattern" => "zz",
            "password" => "some",
            "name" when row.Path.StartsWith("/connections", StringComparison.Ordinal) => broker.ConnectionName,
            "name" when row.Path.StartsWith("/channels", StringComparison.Ordinal) => broker.ConnectionName + " (1)",
            _ => throw new InvalidOperationException($"{row.Name} does not say what {parameter} is"),
        };
        return Uri.EscapeDataString(value);
    });

    private static string ReasonOf(string body)
    {
        if (body.Length == 0)
        {
            return "";
        }

        using var json = JsonDocument.Parse(body);
        return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("reason", out JsonElement reason)
            ? reason.ToString()
            : body;
    }

    [GeneratedRegex(@"\{(?<name>\w+)\}", RegexOptions.ExplicitCapture)]
    private static partial Regex Parameter();
}
