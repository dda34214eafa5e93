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

        T[] sorted = Sort(all, query);
        if (query.Page is not { } page)
        {
            return new ListedPage<T>(this, sorted, query);
        }

        int pages = (sorted.Length + query.PageSize - 1) / query.PageSize;
        if (page > Math.Max(pages, 1))
        {
            throw new ApiError(400, "page_out_of_range", $"Page out of range, page: {page} page size: {query.PageSize}, len: {sorted.Length}");
        }

        int from = (page - 1) * query.PageSize;
        T[] shown = sorted[from..Math.Min(sorted.Length, from + query.PageSize)];
        return new ListedPage<T>(this, shown, query) { PageCount = pages, FilteredCount = sorted.Length, TotalCount = total };
    }

    private T[] Sort(List<T> items, ListQuery query)
    {
        T[] sorted = [.. items];
        if (query.Sort is not "")
        {
            // The usual order also decides between equals.
            Array.Sort(sorted, CompareNames);
        }

        if (query.Sort is { Length: > 0 } path)
        {
            SortKey[] keys = KeysOf(sorted, path);
            int[] order = [.. Enumerable.Range(0, sorted.Length)];
            Array.Sort(order, (left, right) => keys[left].CompareTo(keys[right]) is not 0 and var by ? by : left.CompareTo(right));
            sorted = Array.ConvertAll(order, i => sorted[i]);
        }

        if (query.IsReversed)
        {
            Array.Reverse(sorted);
        }

        return sorted;
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
