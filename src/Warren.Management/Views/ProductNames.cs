namespace Warren.Management.Views;

/// <summary>What the broker calls itself and what it runs on.</summary>
internal static class ProductNames
{
    /// <summary>The product.</summary>
    public const string Product = "Warren";

    /// <summary>The version of .NET.</summary>
    public static string RuntimeVersion { get; } = Environment.Version.ToString();
}
