using System.Text.Json.Nodes;
using Warren.Management.Routing;

namespace Warren.Management.Listing;

/// <summary>How objects of one kind are listed: their names, what can be sorted by without making JSON, and their JSON.</summary>
/// <remarks>
/// JSON is made of the items that are shown. It is made of all of them only to sort by a member that
/// <see cref="SortKeys"/> does not have, and then kept no longer than it takes to read that member.
/// </remarks>
/// <typeparam name="T">The kind of object.</typeparam>
public sealed class ItemListing<T>
{
    /// <summary>The name that filters look at.</summary>
    public required Func<T, string> Name { get; init; }

    /// <summary>The JSON.</summary>
    public required Func<T, JsonObject> View { get; init; }

    /// <summary>The virtual host, which the usual order begins with; null: there is none.</summary>
    public Func<T, string>? VirtualHost { get; init; }

    /// <summary>Members that are cheap to sort by, by their dotted paths; <c>name</c> and <c>vhost</c> always are.</summary>
    public IReadOnlyDictionary<string, Func<T, SortKey>> SortKeys { get; init; } = new Dictionary<string, Func<T, SortKey>>(StringComparer.Ordinal);

    /// <summary>The items a query asks for, in order.</summary>
    /// <exception cref="ApiError">400: there is no such page.</exception>
    public ListedPage<T> Select(IEnumerable<T> items, ListQuery query)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(query);
        var all = new List<T>(items);
        int total = all.Count;
        if (query.Filter is { } filter)
        {
            all.RemoveAll(item => !filter.Matches(Name(item)));
        }

        if (query.Page is not { } page)
        {
            return new ListedPage<T>(this, Sort([.. all], query, all.Count), query);
        }

        int pages = (all.Count + query.PageSize - 1) / query.PageSize;
        if (page > Math.Max(pages, 1))
        {
            throw new ApiError(400, "page_out_of_range", $"Page out of range, page: {page} page size: {query.PageSize}, len: {all.Count}");
        }

        int from = (page - 1) * query.PageSize;
        int until = Math.Min(all.Count, from + query.PageSize);
        T[] shown = Sort([.. all], query, until)[from..until];
        return new ListedPage<T>(this, shown, query) { PageCount = pages, FilteredCount = all.Count, TotalCount = total };
    }

    // At least the first so many in order.
    private T[] Sort(T[] items, ListQuery query, int count)
    {
        if (query.Sort is "")
        {
            if (query.IsReversed)
            {
                Array.Reverse(items);
            }

            return items;
        }

        SortKey[]? keys = query.Sort is { Length: > 0 } path ? KeysOf(items, path) : null;
        int[] order = [.. Enumerable.Range(0, items.Length)];
        int sign = query.IsReversed ? -1 : 1;

        // The usual order also decides between equals.
        order = Leading.Of(order, count, (left, right) =>
        {
            int by = keys is null ? 0 : keys[left].CompareTo(keys[right]);
            return sign * Math.Sign(by == 0 ? CompareNames(items[left], items[right]) : by);
        });
        return Array.ConvertAll(order, i => items[i]);
    }

    private SortKey[] KeysOf(T[] items, string path)
    {
        if (path == "name")
        {
            return Array.ConvertAll(items, i => SortKey.Of(Name(i)));
        }

        if (path == "vhost" && VirtualHost is { } virtualHost)
        {
            return Array.ConvertAll(items, i => SortKey.Of(virtualHost(i)));
        }

        if (SortKeys.TryGetValue(path, out Func<T, SortKey>? cheap))
        {
            return Array.ConvertAll(items, i => cheap(i));
        }

        string[] members = path.Split('.');
        return Array.ConvertAll(items, i => SortKey.Of(View(i), members));
    }

    private int CompareNames(T left, T right)
    {
        int order = VirtualHost is { } of ? string.CompareOrdinal(of(left), of(right)) : 0;
        return order == 0 ? string.CompareOrdinal(Name(left), Name(right)) : order;
    }
}
