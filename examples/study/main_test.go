package main

func Example() {
	main()
	// Output:
	// baseline    394271 customer-hours off supply (95 % Monte Carlo interval 377209 to 411332)
	// mp134a      341812 customer-hours off supply (95 % Monte Carlo interval 325374 to 358250)
	// mp185         7831 customer-hours off supply (95 % Monte Carlo interval 7330 to 8333)
}
