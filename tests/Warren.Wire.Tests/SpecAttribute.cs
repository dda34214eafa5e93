using Xunit.v3;

namespace Warren.Wire.Tests;

/// <summary>Names the place in a specification that a test holds us to: trait "spec" for the runner.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = true)]
public sealed class SpecAttribute : Attribute, ITraitAttribute
{
    public SpecAttribute(string place) => Place = place;

    public string Place { get; }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("spec", Place)];
}
