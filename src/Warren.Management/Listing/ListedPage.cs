using System.Text.Json;
using System.Text.Json.Nodes;
using Warren.Management.Routing;

namespace Warren.Management.Listing;

/// <summary>Items to be shown, and how many there are in all.</summary>
/// <typeparam name="T">The kind of object.</typeparam>
public sealed class ListedPage<T>
{
    private const int FlushAt = 32 * 1024; // bytes of JSON kept before they are sent

    private readonly ItemListing<T> _listing;
    private readonly ListQuery _query;

    internal ListedPage(ItemListing<T> listing, T[] items, ListQuery query)
    {
        _listing = listing;
        _query = query;
        Items = items;
    }

    /// <summary>The items, in order.</summary>
    public IReadOnlyList<T> Items { get; }

    /// <summary>How many pages there are.</summary>
    public int PageCount { get; init; }

    /// <summary>Items whose names match.</summary>
    public int FilteredCount { get; init; }

    /// <summary>Items at all.</summary>
    public int TotalCount { get; init; }

    /// <summary>Writes them one by one: an array, or the object of a page.</summary>
    public async Task WriteAsync(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var writer = new Utf8JsonWriter(stream, JsonText.WriterOptions);
        await using (writer)
        {
            if (_query.Page is { } page)
            {
                writer.WriteStartObject();
                writer.WriteNumber("filtered_count", FilteredCount);
                writer.WriteNumber("item_count", Items.Count);
                writer.WritePropertyName("items");
                await WriteItemsAsync(writer);
                writer.WriteNumber("page", page);
                writer.WriteNumber("page_count", PageCount);
                writer.WriteNumber("page_size", _query.PageSize);
                writer.WriteNumber("total_count", TotalCount);
                writer.WriteEndObject();
            }
            else
            {
                await WriteItemsAsync(writer);
            }
        }
    }

    private async Task WriteItemsAsync(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (T item in Items)
        {
            JsonObject view = _listing.View(item);
            JsonText.Write(writer, _query.Columns is { } columns ? columns.Project(view) : view);
            if (writer.BytesPending >= FlushAt)
            {
                await writer.FlushAsync();
            }
        }

        writer.WriteEndArray();
    }
}
