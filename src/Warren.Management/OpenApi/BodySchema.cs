namespace Warren.Management.OpenApi;

/// <summary>What a request brings.</summary>
/// <param name="Fields">The members of its JSON object; a name that ends in <c>!</c> has to be there.</param>
/// <param name="Status">How success is told; 0: 201 when something new was made, else 204.</param>
internal sealed record BodySchema(IReadOnlyList<(string Name, string Type)> Fields, int Status = 0)
{
    /// <summary>The media type.</summary>
    public string MediaType { get; init; } = "application/json";
}
