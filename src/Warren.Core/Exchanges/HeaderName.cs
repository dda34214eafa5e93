using System.Text;

namespace Warren.Core.Exchanges;

/// <summary>A header that bindings of one exchange look at, shared by all of them.</summary>
internal sealed class HeaderName
{
    public HeaderName(string name, int index)
    {
        Name = name;
        Utf8 = Encoding.UTF8.GetBytes(name);
        Index = index;
    }

    public string Name { get; }

    public byte[] Utf8 { get; }

    /// <summary>Its place in <see cref="HeaderScratch"/>.</summary>
    public int Index { get; }

    /// <summary>Number of conditions that look at it; the writer's.</summary>
    public int Uses { get; set; }
}
