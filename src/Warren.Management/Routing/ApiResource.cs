namespace Warren.Management.Routing;

/// <summary>Answers one method of one resource.</summary>
public delegate ValueTask<ApiReply> ApiAction(ApiRequest request);

/// <summary>What stands at a path: an action for each method, with its guard.</summary>
/// <remarks>Built before the first request, then only read.</remarks>
public sealed class ApiResource
{
    private readonly Dictionary<string, (Guard Guard, ApiAction Action)> _methods = new(StringComparer.Ordinal);

    internal ApiResource(IReadOnlyList<string?> parameters) => Parameters = parameters;

    /// <summary>For each segment of the path the name of its parameter; null: a fixed word.</summary>
    internal IReadOnlyList<string?> Parameters { get; }

    /// <summary>The methods with their guards; HEAD goes with GET.</summary>
    internal IEnumerable<(string Method, Guard Guard)> Methods => _methods.Select(static m => (m.Key, m.Value.Guard));

    /// <summary>The methods, as the header Allow lists them.</summary>
    public string Allow =>
        string.Join(", ", (_methods.ContainsKey("GET") ? ["HEAD", "GET"] : Array.Empty<string>())
            .Concat(_methods.Keys.Where(static m => m != "GET")).Append("OPTIONS"));

    /// <summary>Whether it answers while the broker is stopped and only management goes on.</summary>
    internal bool IsForStopped { get; private set; }

    /// <summary>Lets it answer while the broker is stopped.</summary>
    public ApiResource WhileStopped()
    {
        IsForStopped = true;
        return this;
    }

    /// <summary>GET and HEAD.</summary>
    public ApiResource Get(Guard guard, ApiAction action) => With("GET", guard, action);

    /// <summary>GET and HEAD of what is at hand.</summary>
    public ApiResource Get(Guard guard, Func<ApiRequest, ApiReply> action) => With("GET", guard, AtOnce(action));

    /// <summary>PUT.</summary>
    public ApiResource Put(Guard guard, ApiAction action) => With("PUT", guard, action);

    /// <summary>POST.</summary>
    public ApiResource Post(Guard guard, ApiAction action) => With("POST", guard, action);

    /// <summary>DELETE.</summary>
    public ApiResource Delete(Guard guard, ApiAction action) => With("DELETE", guard, action);

    /// <summary>DELETE without waiting.</summary>
    public ApiResource Delete(Guard guard, Func<ApiRequest, ApiReply> action) => With("DELETE", guard, AtOnce(action));

    /// <summary>Finds what answers a method.</summary>
    internal bool TryFind(string method, out (Guard Guard, ApiAction Action) found) =>
        _methods.TryGetValue(method == "HEAD" ? "GET" : method, out found);

    private static ApiAction AtOnce(Func<ApiRequest, ApiReply> action) => request => ValueTask.FromResult(action(request));

    private ApiResource With(string method, Guard guard, ApiAction action)
    {
        _methods.Add(method, (guard, action));
        return this;
    }
}
