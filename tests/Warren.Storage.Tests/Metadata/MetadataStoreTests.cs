using Warren.Storage.Metadata;
using Warren.Storage.Tests.Directories;
using Xunit;

namespace Warren.Storage.Tests.Metadata;

/// <summary>What both stores promise.</summary>
public sealed class MetadataStoreTests
{
    public static TheoryData<bool> Stores => [true, false];

    [Theory]
    [MemberData(nameof(Stores))]
    public void A_value_is_found_with_its_revisions(bool onDisk)
    {
        using IMetadataStore store = Open(onDisk);

        long first = store.Put("a", "1"u8);
        long second = store.Put("b", "2"u8);
        long third = store.Put("a", "3"u8);

        Assert.Equal([1, 2, 3], [first, second, third]);
        Assert.True(store.TryGet("a", out MetadataEntry? entry));
        Assert.Equal("3"u8, entry.Value.Span);
        Assert.Equal((1, 3), (entry.CreateRevision, entry.ModRevision));
        Assert.Equal(3, store.Revision);
        Assert.False(store.TryGet("c", out _));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public void A_put_that_expects_another_revision_changes_nothing(bool onDisk)
    {
        using IMetadataStore store = Open(onDisk);

        Assert.Equal(1, store.Put("a", "1"u8, expectedModRevision: 0));
        Assert.Equal(IMetadataStore.Conflict, store.Put("a", "2"u8, expectedModRevision: 0));
        Assert.Equal(IMetadataStore.Conflict, store.Put("a", "2"u8, expectedModRevision: 7));
        Assert.Equal(IMetadataStore.Conflict, store.Put("missing", "2"u8, expectedModRevision: 1));
        Assert.Equal(2, store.Put("a", "2"u8, expectedModRevision: 1));
        Assert.False(store.Delete("a", expectedModRevision: 1));
        Assert.True(store.Delete("a", expectedModRevision: 2));
        Assert.False(store.Delete("a"));
        Assert.Equal(3, store.Revision);
        Assert.Empty(store.List(string.Empty));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public void A_list_holds_the_keys_of_the_prefix_in_order(bool onDisk)
    {
        using IMetadataStore store = Open(onDisk);
        foreach (string key in new[] { "q/b", "q/a", "q", "r", "q/\uffff", "p/z", "q0", "q/é" })
        {
            store.Put(key, [1]);
        }

        Assert.Equal(["q/a", "q/b", "q/é", "q/\uffff"], store.List("q/").Select(entry => entry.Key));
        Assert.Equal(["q/\uffff"], store.List("q/\uffff").Select(entry => entry.Key));
        Assert.Equal(8, store.List(string.Empty).Count);
        Assert.Empty(store.List("z"));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public void Watchers_learn_of_their_changes_in_order_until_they_stop(bool onDisk)
    {
        using IMetadataStore store = Open(onDisk);
        var seen = new List<string>();
        IDisposable watch = store.Watch("q/", change => seen.Add($"{change.Revision}:{change.Key}={change.Entry?.Value.Length}"));

        store.Put("q/a", [1]);
        store.Put("x", [1]);
        store.Delete("q/a");
        watch.Dispose();
        store.Put("q/b", [1]);

        Assert.Equal(["1:q/a=1", "3:q/a="], seen);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public void A_watcher_may_write(bool onDisk)
    {
        using IMetadataStore store = Open(onDisk);
        var seen = new List<long>();
        using IDisposable watch = store.Watch(string.Empty, change =>
        {
            seen.Add(change.Revision);
            if (change.Key == "a")
            {
                store.Put("b", [1]);
            }
        });

        store.Put("a", [1]);

        Assert.Equal([1, 2], seen);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public void Several_values_are_put_in_one_revision(bool onDisk)
    {
        using IMetadataStore store = Open(onDisk);

        long revision = store.PutAll([new("a", new byte[] { 1 }), new("b", new byte[] { 2 })]);

        Assert.Equal(1, revision);
        Assert.All(store.List(string.Empty), entry => Assert.Equal(1, entry.ModRevision));
        Assert.Equal(1, store.PutAll([]));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public void What_is_too_large_or_malformed_is_refused(bool onDisk)
    {
        using IMetadataStore store = Open(onDisk);

        Assert.Throws<ArgumentException>(() => store.Put(string.Empty, []));
        Assert.Throws<ArgumentException>(() => store.Put(new string('é', 2049), []));
        Assert.Throws<ArgumentException>(() => store.Put("\ud800", []));
        Assert.Throws<ArgumentException>(() => store.Put("a", new byte[IMetadataStore.MaxValueBytes + 1]));
        Assert.Equal(1, store.Put(new string('é', 2048), new byte[IMetadataStore.MaxValueBytes]));
        Assert.Equal(1, store.Revision);
    }

    private static IMetadataStore Open(bool onDisk) =>
        onDisk ? FileMetadataStore.Open(new MemoryDisk(), "/meta") : new MemoryMetadataStore();
}
