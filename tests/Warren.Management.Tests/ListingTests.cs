using System.Text.Json.Nodes;
using Warren.Management.Listing;
using Xunit;

namespace Warren.Management.Tests;

public sealed class ListingTests(ManagedBroker broker) : IClassFixture<ManagedBroker>
{
    private sealed record Item(string Name, string Host, int Size);

    private static readonly Item[] Items = [new("b", "y", 3), new("a", "y", 1), new("C", "x", 2), new("d", "x", 2)];

    private int _views;

    private ItemListing<Item> Listing => new()
    {
        Name = static i => i.Name,
        VirtualHost = static i => i.Host,
        View = i =>
        {
            _views++;
            return new JsonObject { ["name"] = i.Name, ["vhost"] = i.Host, ["inner"] = new JsonObject { ["size"] = i.Size, ["half"] = i.Size / 2.0 } };
        },
        SortKeys = new Dictionary<string, Func<Item, SortKey>>(StringComparer.Ordinal) { ["inner.size"] = static i => SortKey.Of(i.Size) },
    };

    [Theory]
    [InlineData(null, false, "C d a b")]
    [InlineData("", false, "b a C d")]
    [InlineData("name", false, "C a b d")]
    [InlineData("inner.size", false, "a C d b")]
    [InlineData("inner.size", true, "b d C a")]
    [InlineData("inner.half", false, "a C d b")]
    [InlineData("unknown", false, "C d a b")]
    public void Items_are_sorted(string? sort, bool reversed, string expected)
    {
        ListedPage<Item> page = Listing.Select(Items, new ListQuery { Sort = sort, IsReversed = reversed });

        Assert.Equal(expected, string.Join(' ', page.Items.Select(i => i.Name)));
    }

    [Fact]
    public async Task One_page_of_many_items_makes_JSON_of_that_page_only()
    {
        Item[] many = [.. Enumerable.Range(0, 100_000).Select(i => new Item($"q{i}", "/", i))];
        using var stream = new MemoryStream();

        ListedPage<Item> page = Listing.Select(many, new ListQuery { Page = 2, PageSize = 10, Sort = "inner.size", IsReversed = true });
        await page.WriteAsync(stream);

        Assert.Equal(10, _views);
        JsonNode json = JsonNode.Parse(stream.ToArray())!;
        Assert.Equal("q99989", (string?)json["items"]![0]!["name"]);
        Assert.Equal(10_000, (int)json["page_count"]!);
        Assert.Equal(100_000, (int)json["total_count"]!);
    }

    [Theory]
    [InlineData("AB", false, true)]
    [InlineData("^.ab", true, true)]
    [InlineData("^ab", true, false)]
    [InlineData("(?<!x)ab", true, false)]
    [InlineData("[", true, false)]
    public void Names_are_filtered(string filter, bool isExpression, bool matches)
    {
        Assert.Equal(matches, new NameFilter(filter, isExpression).Matches("xAb"));
    }

    [Fact]
    public void Expression_that_backtracks_for_ever_is_given_up()
    {
        var filter = new NameFilter("(?=x)(x+x+)+y", isExpression: true);
        string[] names = [.. Enumerable.Repeat(new string('x', 60), 1000)];

        // A thousand names would take most of a minute if each had its time.
        Assert.DoesNotContain(names, filter.Matches);
    }

    [Fact]
    public void Columns_are_paths()
    {
        var whole = (JsonObject)JsonNode.Parse("""{"a":1,"b":{"c":2,"d":3},"e":4}""")!;

        Assert.Equal("""{"b":{"d":3},"a":1}""", new ColumnSet("b.d,a,unknown,e.f").Project(whole).ToJsonString());
    }

    [Fact]
    public async Task Page_has_counts_and_its_items()
    {
        for (int i = 0; i < 5; i++)
        {
            broker.Broker.Users.Add($"page{i}", "x", []);
        }

        JsonNode page = await broker.GetAsync("/users?page=2&page_size=2&name=PAGE&columns=name&sort=name&sort_reverse=true");

        Assert.Equal("""[{"name":"page2"},{"name":"page1"}]""", page["items"]!.ToJsonString());
        Assert.Equal(5, (int)page["filtered_count"]!);
        Assert.Equal(2, (int)page["item_count"]!);
        Assert.Equal(3, (int)page["page_count"]!);
        Assert.True((int)page["total_count"]! > 5);
    }

    [Theory]
    [InlineData("page=0", "invalid_pagination_parameters")]
    [InlineData("page=x", "invalid_pagination_parameters")]
    [InlineData("page=1&page_size=501", "invalid_pagination_parameters")]
    [InlineData("page=1000", "page_out_of_range")]
    public async Task Page_that_makes_no_sense_is_refused(string query, string error)
    {
        (int status, string body) = await broker.TryGetAsync($"/users?{query}");

        Assert.Equal(400, status);
        Assert.Equal(error, (string?)JsonNode.Parse(body)!["error"]);
    }

    [Fact]
    public async Task First_page_of_nothing_is_empty()
    {
        JsonNode page = await broker.GetAsync("/vhosts?page=1&name=nothing-is-called-so");

        Assert.Empty(page["items"]!.AsArray());
        Assert.Equal(0, (int)page["page_count"]!);
    }
}
