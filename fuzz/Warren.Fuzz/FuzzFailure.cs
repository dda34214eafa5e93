namespace Warren.Fuzz;

/// <summary>A property of a reader does not hold for the input at hand.</summary>
internal sealed class FuzzFailure : Exception
{
    public FuzzFailure(string message)
        : base(message)
    {
    }

    public static void ThrowUnless(bool holds, string property)
    {
        if (!holds)
        {
            throw new FuzzFailure(property);
        }
    }
}
