using System.Diagnostics.CodeAnalysis;

namespace Warren.Management.Routing;

/// <summary>The resources of the API by their paths.</summary>
/// <remarks>
/// Works on the path as it was sent, and decodes after cutting: a virtual host may be called <c>/</c> and a queue
/// <c>%2F</c>, which a web framework's routing, decoding first, cannot tell apart. Built before the first request, then
/// only read.
/// </remarks>
public sealed class ApiRoutes
{
    private const int MaxSegments = 16;

    private readonly Node _root = new();
    private readonly List<(string Path, ApiResource Resource)> _all = [];

    /// <summary>Every resource with its path, in the order they were added.</summary>
    internal IReadOnlyList<(string Path, ApiResource Resource)> All => _all;

    /// <summary>The resource at a path such as <c>/queues/{vhost}/{name}</c>; fixed words win over parameters.</summary>
    public ApiResource At(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        string[] segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        Node node = _root;
        var parameters = new string?[segments.Length];
        for (int i = 0; i < segments.Length; i++)
        {
            if (segments[i] is ['{', .. string name, '}'])
            {
                parameters[i] = name;
                node = node.Parameter ??= new Node();
            }
            else
            {
                if (!node.Words.TryGetValue(segments[i], out Node? next))
                {
                    next = new Node();
                    node.Words.Add(segments[i], next);
                }

                node = next;
            }
        }

        if (node.Resource is null)
        {
            node.Resource = new ApiResource(parameters);
            _all.Add((path, node.Resource));
        }

        return node.Resource;
    }

    /// <summary>Finds the resource of a path as it was sent, without its query.</summary>
    /// <param name="path">Percent-encoded, from the slash after <c>/api</c> on.</param>
    /// <param name="resource">What stands there.</param>
    /// <param name="segments">The parts of the path, decoded.</param>
    public bool TryFind(string path, [NotNullWhen(true)] out ApiResource? resource, out string[] segments)
    {
        ArgumentNullException.ThrowIfNull(path);
        segments = path.Trim('/').Split('/', MaxSegments + 1);
        if (segments.Length > MaxSegments)
        {
            resource = null;
            return false;
        }

        for (int i = 0; i < segments.Length; i++)
        {
            segments[i] = Uri.UnescapeDataString(segments[i]);
        }

        resource = Find(_root, segments);
        return resource is not null;
    }

    private static ApiResource? Find(Node node, ReadOnlySpan<string> segments)
    {
        if (segments.IsEmpty)
        {
            return node.Resource;
        }

        ApiResource? found = node.Words.TryGetValue(segments[0], out Node? next) ? Find(next, segments[1..]) : null;
        return found ?? (node.Parameter is { } parameter ? Find(parameter, segments[1..]) : null);
    }

    private sealed class Node
    {
        public Dictionary<string, Node> Words { get; } = new(StringComparer.Ordinal);

        public Node? Parameter { get; set; }

        public ApiResource? Resource { get; set; }
    }
}
