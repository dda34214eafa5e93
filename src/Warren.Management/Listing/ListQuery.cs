using System.Globalization;
using Warren.Management.Routing;

namespace Warren.Management.Listing;

/// <summary>What a query asks of a list.</summary>
public sealed record ListQuery
{
    private const int LargestPage = 500;
    private const int UsualPage = 100;

    /// <summary>The page, from 1; null: everything in one array.</summary>
    public int? Page { get; init; }

    /// <summary>Items of a page.</summary>
    public int PageSize { get; init; } = UsualPage;

    /// <summary>Which names; applies to pages only.</summary>
    public NameFilter? Filter { get; init; }

    /// <summary>The dotted path to sort by; empty: not sorted; null: by virtual host and name.</summary>
    public string? Sort { get; init; }

    /// <summary>Whether the last comes first.</summary>
    public bool IsReversed { get; init; }

    /// <summary>The members wanted; null: all.</summary>
    public ColumnSet? Columns { get; init; }

    /// <summary>Reads the query of a request.</summary>
    /// <exception cref="ApiError">400: a page that makes no sense.</exception>
    public static ListQuery Of(ApiRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        bool isPaged = request.Query("page") is not null;
        return new ListQuery
        {
            Page = isPaged ? Number(request, "page", 1, int.MaxValue) : null,
            PageSize = isPaged && request.Query("page_size") is not null ? Number(request, "page_size", 1, LargestPage) : UsualPage,
            Filter = isPaged && request.Query("name") is { Length: > 0 } name ? new NameFilter(name, request.QueryFlag("use_regex")) : null,
            Sort = request.Query("sort"),
            IsReversed = request.QueryFlag("sort_reverse"),
            Columns = request.Columns,
        };
    }

    private static int Number(ApiRequest request, string name, int least, int most)
    {
        string text = request.Query(name)!;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw new ApiError(
                400,
                "invalid_pagination_parameters",
                name == "page"
                    ? $"Invalid number: page: {text}"
                    : $"Invalid number: page_size: {text}, it is from {least} to {most}");
    }
}
