using System.Text;
using Warren.Core.Routing;
using Xunit;

namespace Warren.Core.Tests.Routing;

public sealed class RouteCacheTests
{
    [Fact]
    public void A_route_is_found_by_exchange_and_key_of_the_same_version_only()
    {
        var cache = new RouteCache();
        var route = new Route([]);
        cache.Add("ab"u8, "c"u8, version: 1, route);

        Assert.Same(route, cache.Find("ab"u8, "c"u8, 1));
        Assert.Null(cache.Find("a"u8, "bc"u8, 1));
        Assert.Null(cache.Find("ab"u8, "c"u8, 2));
    }

    [Fact]
    public void Many_routes_are_kept_apart_and_the_cache_stays_bounded()
    {
        var cache = new RouteCache();
        var routes = new Route[20_000];
        for (int i = 0; i < routes.Length; i++)
        {
            routes[i] = new Route([]);
            cache.Add("x"u8, Encoding.UTF8.GetBytes($"key.{i}"), 1, routes[i]);
            Assert.Same(routes[i], cache.Find("x"u8, Encoding.UTF8.GetBytes($"key.{i}"), 1));
        }

        int kept = 0;
        for (int i = 0; i < routes.Length; i++)
        {
            Route? found = cache.Find("x"u8, Encoding.UTF8.GetBytes($"key.{i}"), 1);
            kept += found is null ? 0 : 1;
            Assert.True(found is null || ReferenceEquals(found, routes[i]));
        }

        Assert.InRange(kept, 1, 4096);
    }
}
