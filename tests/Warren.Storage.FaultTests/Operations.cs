using FsCheck;
using FsCheck.Fluent;

namespace Warren.Storage.FaultTests;

/// <summary>One step of a property test; what the numbers mean is the test's.</summary>
public readonly record struct Operation(int Kind, int A, int B);

/// <summary>Runs a property over lists of operations and shows the shortest list that breaks it.</summary>
internal static class Operations
{
    internal static void Check(int kinds, int runs, Action<IReadOnlyList<Operation>> property)
    {
        Gen<Operation> one =
            from kind in Gen.Choose(0, kinds - 1)
            from a in Gen.Choose(0, 1000)
            from b in Gen.Choose(0, 1000)
            select new Operation(kind, a, b);
        Gen<Operation[]> many = Gen.Choose(1, 120).SelectMany(length => Gen.ArrayOf(one, length));
        FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(runs),
            Prop.ForAll(Arb.From(many, Shorter), operations => property(operations)));
    }

    // Without a half, then without each single one.
    private static IEnumerable<Operation[]> Shorter(Operation[] operations)
    {
        if (operations.Length > 3)
        {
            yield return operations[..(operations.Length / 2)];
            yield return operations[(operations.Length / 2)..];
        }

        for (int i = 0; i < operations.Length && operations.Length > 1; i++)
        {
            yield return [.. operations[..i], .. operations[(i + 1)..]];
        }
    }
}
